using CrossFormer.Arrays;
using CrossFormer.Configuration;
using CrossFormer.Formats;
using CrossFormer.Parameters;

namespace CrossFormer.Training.Runs;

/// <summary>
/// Starts image encoders from the published ResNet-26 (<c>params.npz</c>: <c>conv_root/kernel</c>, <c>block1/unit1/gn1/scale</c>, …;
/// reference: train_utils.py, resnet_26_loader). The reference fills encoders with FiLM only.
/// </summary>
internal static class ResNetWeights
{
    private const string Film = "FilmConditioning";
    private static readonly string[] Known = ["block", "conv_root", "gn_root"];

    /// <summary>Fills every ResNet-26 encoder of a model.</summary>
    /// <param name="parameters">The model's.</param>
    /// <param name="path">The <c>.npz</c> file.</param>
    /// <param name="includePlain">Encoders without FiLM too.</param>
    /// <returns>Number of encoders filled.</returns>
    /// <exception cref="ConfigurationException">The model has no such encoder, or the file's arrays do not fit it.</exception>
    /// <exception cref="CorruptFileException">The file is malformed.</exception>
    public static int Load(ParameterSet parameters, string path, bool includePlain)
    {
        var stored = Npz.Read(path).Where(a => Known.Any(k => a.Key.StartsWith(k, StringComparison.Ordinal))).ToDictionary(a => a.Key, a => a.Value);
        var encoders = parameters.All.Select(p => (Parameter: p, Parts: Split(p.Path, includePlain))).Where(p => p.Parts is not null && !p.Parts.Value.Name.StartsWith(Film, StringComparison.Ordinal))
            .GroupBy(p => p.Parts!.Value.Encoder).ToArray();
        if (encoders.Length == 0)
            throw Problem($"the model has no ResNet-26 encoder{(includePlain ? "" : " with FiLM (include_plain fills the others too)")}");
        var merged = new Dictionary<string, StoredArray>();
        foreach (var encoder in encoders)
        {
            var left = stored.Keys.ToHashSet();
            foreach (var (parameter, parts) in encoder)
            {
                var name = parts!.Value.Name;
                if (!stored.TryGetValue(name, out var array))
                    throw Problem($"{path} has no '{name}', which {parameter.Path} needs");
                left.Remove(name);
                merged.Add(parameter.Path, new MemoryArray(Fit(array, parameter, path)));
            }

            if (left.Count > 0)
                throw Problem($"{encoder.Key} has no place for {string.Join(", ", left.Order().Take(3))} of {path}");
        }

        parameters.Merge(merged);
        return encoders.Length;
    }

    // crossformer_transformer/observation_tokenizers_primary/ResNet26FILM_0/block1/unit1/…
    private static (string Encoder, string Name)? Split(string path, bool includePlain)
    {
        var names = path.Split('/');
        return names.Length > 3 && (names[2] == "ResNet26FILM_0" || (includePlain && names[2] == "ResNet26_0"))
            ? (string.Join('/', names[..3]), string.Join('/', names[3..]))
            : null;
    }

    // Group norms come with further axes of length 1; the root kernel knows one image, and a stack of images repeats it.
    private static NdArray Fit(NdArray array, Parameter parameter, string path)
    {
        var wanted = Array.ConvertAll(parameter.Shape, d => (int)d);
        if (wanted.Length == 1)
            array = array.Reshape([.. array.Shape.Where(d => d != 1)]);
        if (wanted.Length == 4 && array.Shape.Length == 4 && wanted[2] > array.Shape[2] && wanted[2] % array.Shape[2] == 0)
            array = TileInputs(array, wanted[2] / array.Shape[2]);
        return array.DType == DType.Float32 && array.Shape.AsSpan().SequenceEqual(wanted)
            ? array
            : throw Problem($"{path}: {parameter.Path} is float32[{string.Join(',', wanted)}], the file has {array}");
    }

    private static NdArray TileInputs(NdArray kernel_HWIO, int times)
    {
        var shape = kernel_HWIO.Shape;
        var values = kernel_HWIO.AsSpan<float>();
        var (row, rows) = (shape[2] * shape[3], shape[0] * shape[1]);
        var tiled = new float[rows * row * times];
        for (var i = 0; i < rows * times; i++)
            values.Slice(i / times * row, row).CopyTo(tiled.AsSpan(i * row));
        return NdArray.From(tiled, shape[0], shape[1], shape[2] * times, shape[3]);
    }

    private static ConfigurationException Problem(string problem) => new("$.initialize_encoders", problem);
}
