using CrossFormer.Arrays;
using CrossFormer.Images;

namespace CrossFormer.Data.Rlds;

/// <summary>
/// Reads <c>features.json</c> in both of its forms: proto3 JSON (<c>pythonClassName</c>, from TFDS 4.4.0 on) and the older
/// one (<c>type</c> and <c>content</c>). Source: tensorflow_datasets/core/features and core/proto/feature.proto.
/// </summary>
internal static class FeaturesJson
{
    /// <summary>The leaves, in file order.</summary>
    /// <exception cref="Formats.CorruptFileException">The file is malformed, has no steps, or two leaves of one key.</exception>
    public static IReadOnlyList<RldsFeature> Read(string file)
    {
        var leaves = new List<RldsFeature>();
        var folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
        var root = JsonValue.ReadFile(file);
        var hasSteps = false;
        foreach (var (name, node) in Children(root))
        {
            var isSteps = name == "steps" && ClassOf(node) == "Dataset";
            hasSteps |= isSteps;
            if (isSteps)
            {
                foreach (var (child, childNode) in Children(Inner(node)))
                    Walk(childNode, [name, child], [], [], perStep: true);
            }
            else
            {
                Walk(node, [name], [], [], perStep: false);
            }
        }

        if (!hasSteps)
            throw root.Error("expected a feature 'steps' of class Dataset; this is no dataset of episodes (RLDS)");
        var keys = new HashSet<string>();
        foreach (var leaf in leaves)
        {
            if (!keys.Add(leaf.Key))
                throw root.Error($"two features are stored under the key '{leaf.Key}'");
        }

        return leaves;

        void Walk(JsonValue node, string[] path, int[] sequences, int[] depths, bool perStep)
        {
            switch (ClassOf(node))
            {
                case "FeaturesDict":
                    foreach (var (name, child) in Children(node))
                        Walk(child, [.. path, name], sequences, depths, perStep);
                    break;
                case "Sequence":
                    var length = (node.Optional("sequence") ?? node["content"]).Optional("length")?.Int32() ?? -1;
                    Walk(Inner(node), path, [.. sequences, length], [.. depths, path.Length], perStep);
                    break;
                default:
                    leaves.Add(Leaf(node, path, sequences, perStep, folder) with { SequenceDepths = depths });
                    break;
            }
        }
    }

    private static string ClassOf(JsonValue node)
    {
        var name = (node.Optional("pythonClassName") ?? node["type"]).Text();
        return name[(name.LastIndexOf('.') + 1)..];
    }

    // An empty dictionary has no "features"; in the older form the content is the dictionary itself.
    private static IEnumerable<(string Name, JsonValue Value)> Children(JsonValue dict) =>
        ClassOf(dict) != "FeaturesDict" ? throw dict.Error("expected a FeaturesDict") :
        dict.Optional("content") is { } content ? content.Members() :
        dict["featuresDict"].Optional("features")?.Members() ?? [];

    private static JsonValue Inner(JsonValue sequence) => (sequence.Optional("sequence") ?? sequence["content"])["feature"];

    private static RldsFeature Leaf(JsonValue node, string[] path, int[] sequences, bool perStep, string folder)
    {
        var className = ClassOf(node);
        var (kind, member) = className switch
        {
            "Tensor" or "Scalar" => (RldsFeatureKind.Tensor, "tensor"),
            "Text" => (RldsFeatureKind.Text, "text"),
            "Image" => (RldsFeatureKind.Image, "image"),
            "ClassLabel" => (RldsFeatureKind.ClassLabel, "classLabel"),
            "BBoxFeature" or "BBox" => (RldsFeatureKind.BoundingBox, "boundingBox"),
            _ => (RldsFeatureKind.Unsupported, ""),
        };
        // A Text or ClassLabel of the oldest datasets has no content at all.
        var content = kind == RldsFeatureKind.Unsupported ? null : node.Optional(member) ?? node.Optional("content");
        var (dtype, shape) = kind switch
        {
            RldsFeatureKind.Tensor => (ReadDType(content ?? throw node.Error($"expected a member '{member}'"), "float32"), ReadShape(content)),
            RldsFeatureKind.Image => (ReadDType(content ?? throw node.Error($"expected a member '{member}'"), "uint8"), ReadShape(content)),
            RldsFeatureKind.ClassLabel => (DType.Int64, []),
            RldsFeatureKind.BoundingBox => (DType.Float32, [4]),
            _ => ((DType?)null, (int[])[]),
        };
        if (kind == RldsFeatureKind.Image && shape.Length == 0)
            shape = [-1, -1, 3];
        if (kind == RldsFeatureKind.Image && (shape.Length != 3 || shape[2] is not (1 or 3 or 4) || dtype is not (DType.UInt8 or DType.UInt16 or DType.Float32)))
            kind = RldsFeatureKind.Unsupported;
        var encoding = TensorEncoding.None;
        if (kind == RldsFeatureKind.Tensor)
        {
            var name = content!.Value.Optional("encoding")?.Text() ?? "none";
            encoding = name.ToUpperInvariant() switch
            {
                "NONE" or "" => TensorEncoding.None,
                "BYTES" => TensorEncoding.Bytes,
                "ZLIB" => TensorEncoding.Zlib,
                _ => throw content.Value.Error($"unknown encoding '{name}'; known are none, bytes and zlib"),
            };
            if (encoding != TensorEncoding.None && dtype is null)
                kind = RldsFeatureKind.Unsupported;
        }

        var classNames = kind == RldsFeatureKind.ClassLabel ? ReadClassNames(folder, path) : [];
        return new RldsFeature(
            string.Join('/', path), kind, className, dtype, shape, encoding, sequences, perStep,
            classNames, node.Optional("description")?.Text() ?? "")
        {
            Path = path,
            ImageEncoding = kind == RldsFeatureKind.Image ? EncodingOf(content!.Value) : ImageFormat.Unknown,
            ClassCount = kind == RldsFeatureKind.ClassLabel && content?.Optional("numClasses")?.Int32() is { } n ? n : classNames.Length,
        };
    }

    private static ImageFormat EncodingOf(JsonValue image) => image.Optional("encodingFormat")?.Text() switch
    {
        "jpeg" => ImageFormat.Jpeg,
        "png" => ImageFormat.Png,
        _ => ImageFormat.Unknown,
    };

    private static DType? ReadDType(JsonValue? content, string absent)
    {
        var name = content!.Value.Optional("dtype")?.Text() ?? absent;
        return name is "string" or "object" ? null :
            DTypes.TryParse(name, out var dtype) ? dtype :
            throw content.Value.Error($"unknown dtype '{name}'");
    }

    // {"dimensions": ["48", "-1"]}, {} for a scalar; the older form is a plain array with null for what varies.
    private static int[] ReadShape(JsonValue? content)
    {
        if (content!.Value.Optional("shape") is not { } node)
            return [];
        var items = node.IsObject ? node.Optional("dimensions")?.Items() ?? [] : node.Items();
        var shape = items.Select(d => d.Int32()).ToArray();
        long elements = 1;
        foreach (var d in shape)
        {
            // Eight bytes an element at most, so that no size computed from a shape overflows.
            if (d > 0 && (elements *= d) > int.MaxValue / 8)
                throw node.Error($"a value of shape [{string.Join(',', shape)}] is too large");
        }

        return shape;
    }

    /// <summary>The file, beside features.json, that holds a class label's names, one a line.</summary>
    internal static string ClassNamesFile(IEnumerable<string> path) => string.Join('-', path) + ".labels.txt";

    private static string[] ReadClassNames(string folder, string[] path)
    {
        var name = ClassNamesFile(path);
        var file = Path.Combine(folder, name);
        // A feature's name comes from the dataset: it must not lead out of the dataset's folder.
        return Path.GetFileName(name) == name && File.Exists(file) ? File.ReadAllLines(file) : [];
    }
}
