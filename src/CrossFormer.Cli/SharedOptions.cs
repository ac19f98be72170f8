using System.CommandLine;

namespace CrossFormer.Cli;

/// <summary>Options that mean the same in every verb that has them.</summary>
internal static class SharedOptions
{
    /// <summary>Every verb: the result as one JSON object.</summary>
    public static readonly Option<bool> Json = new("--json") { Description = "print exactly one JSON object on standard output", Recursive = true };

    /// <summary>Every verb: errors with their stack trace.</summary>
    public static readonly Option<bool> Verbose = new("--verbose") { Description = "show the stack trace of an error", Recursive = true };

    private const string CheckpointDescription = "a checkpoint's folder, or hf://owner/name[@revision] on the Hugging Face Hub";

    /// <summary>A checkpoint that the verb cannot do without. <see cref="CheckpointSource"/> makes a folder of it.</summary>
    public static Argument<string> CheckpointArgument() => new("CHECKPOINT") { Description = CheckpointDescription };

    /// <summary>A checkpoint that has a stand-in; null when not given. <see cref="CheckpointSource"/> makes a folder of it.</summary>
    public static Option<string?> Checkpoint() => new("--checkpoint") { Description = CheckpointDescription, HelpName = "CHECKPOINT" };

    /// <summary>An RLDS dataset that has a stand-in; null when not given: see <see cref="DatasetFolder"/>.</summary>
    public static Option<string?> Dataset() => new("--dataset") { Description = "an RLDS dataset's folder", HelpName = "DIR" };

    /// <summary>The folder given, or that of the shared real episodes.</summary>
    /// <exception cref="UsageException">Neither is there.</exception>
    public static string DatasetFolder(string? given) => given ?? (Directory.Exists("../shared/data/bridge")
        ? "../shared/data/bridge"
        : throw new UsageException("--dataset is missing: give an RLDS dataset's folder."));

    /// <summary>The full path of a file that is to be written at the end. Its folder is made now: what cannot be written is better known before the work.</summary>
    public static string OutputFile(string path)
    {
        var full = Path.GetFullPath(path);
        if (Path.EndsInDirectorySeparator(full) || Directory.Exists(full))
            throw new UsageException($"'{path}' is a folder; expected a file's name.");
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        return full;
    }

    /// <summary><c>float32</c> or <c>bfloat16</c>; null when not given: the verb chooses, and says so.</summary>
    public static Option<string?> Precision()
    {
        var option = new Option<string?>("--precision") { Description = "arithmetic of the model", HelpName = "float32|bfloat16" };
        option.AcceptOnlyFromAmong("float32", "bfloat16");
        return option;
    }

    /// <summary><c>cpu</c> or <c>cuda</c>.</summary>
    public static Option<string> Device()
    {
        var option = new Option<string>("--device") { Description = "where the model runs", HelpName = "cpu|cuda", DefaultValueFactory = _ => "cpu" };
        option.AcceptOnlyFromAmong("cpu", "cuda");
        return option;
    }
}
