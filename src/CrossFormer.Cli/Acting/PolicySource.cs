using CrossFormer.Policies;
using CrossFormer.Text;
using static TorchSharp.torch;

namespace CrossFormer.Cli.Acting;

/// <summary>Where verbs that act get their model, text encoder and robot from.</summary>
internal static class PolicySource
{
    /// <summary>Said wherever an untrained model's numbers are shown.</summary>
    public const string UntrainedNotice =
        "No checkpoint was given: these weights are untrained. They come from a formula, so the predictions below mean nothing; only the data path, the speed and the layout are real.";

    /// <summary>Opens a checkpoint, or without one the published model with weights from a formula.</summary>
    public static CrossFormerModel Open(string? checkpoint, Device? device = null) =>
        checkpoint is null ? CrossFormerModel.Untrained(UntrainedFolder(), device: device) : CrossFormerModel.LoadPretrained(checkpoint, device: device);

    /// <summary>The device that an option names.</summary>
    /// <exception cref="UsageException">It is not there.</exception>
    public static Device Device(string name) => name switch
    {
        "cpu" => CPU,
        "cuda" when cuda.is_available() => CUDA,
        _ => throw new UsageException($"--device {name}: libtorch sees no such device. CUDA needs a build with CROSSFORMER_BACKEND=cuda and an NVIDIA driver."),
    };

    /// <summary>A text encoder by path: a safetensors table, a JSON configuration, or a folder with an ONNX sentence encoder.</summary>
    /// <exception cref="UsageException">There is nothing at the path.</exception>
    public static ITextEncoder OpenText(string path)
    {
        if (Directory.Exists(path))
            return new TextEncoderConfiguration { Kind = TextEncoderKind.Onnx, Path = Path.GetFullPath(path) }.Create();
        if (!File.Exists(path))
            throw new UsageException($"--text-encoder: expected a table (.safetensors), a configuration (.json) or the folder of an ONNX sentence encoder at {path}, found nothing.");
        return path.EndsWith(".safetensors", StringComparison.Ordinal)
            ? EmbeddingTable.Load(path)
            : TextEncoderConfiguration.Parse(File.ReadAllText(path)).Create(Path.GetDirectoryName(Path.GetFullPath(path)));
    }

    /// <summary>The robot for a head: a profile by name or path.</summary>
    public static EmbodimentProfile Profile(string nameOrPath)
    {
        try
        {
            return EmbodimentProfile.Load(nameOrPath);
        }
        catch (FileNotFoundException e)
        {
            throw new UsageException(e.Message);
        }
    }

    /// <summary>The precision that an option names.</summary>
    public static Precision Precision(string? name) => name == "bfloat16" ? Policies.Precision.BFloat16 : Policies.Precision.Float32;

    private static string UntrainedFolder() => RepositoryFiles.Find("tests", "Goldens", "checkpoints", "full")
        ?? throw new UsageException("No checkpoint was given, and the untrained demonstration model (tests/Goldens/checkpoints/full of the repository) is not here; give --checkpoint.");
}
