using System.Globalization;
using System.Text.Json;
using CrossFormer.Arrays;
using CrossFormer.Images;

namespace CrossFormer.Data.Rlds;

/// <summary>Writes <c>features.json</c> in the form that TFDS 4.4.0 introduced. Source: tensorflow_datasets/core/proto/feature.proto.</summary>
internal static class FeaturesJsonWriter
{
    private const string Package = "tensorflow_datasets.core.features.";
    private const string Steps = "steps";

    /// <summary>Writes the tree whose leaves are <paramref name="features"/>; dictionaries stand where their first leaf does.</summary>
    /// <exception cref="ArgumentException">Two features claim one place, or disagree about a sequence around them.</exception>
    public static byte[] Write(IReadOnlyList<RldsFeature> features)
    {
        var root = new Node();
        root.Child(Steps);
        foreach (var feature in features)
            Place(root, feature);
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, DatasetInfoJson.JsonStyle with { MaxDepth = 256 }))
            WriteNode(json, root, isRoot: true);
        return stream.ToArray();
    }

    private static void Place(Node root, RldsFeature feature)
    {
        var node = root;
        for (var depth = 1; depth <= feature.Path.Count; depth++)
        {
            if (node.Leaf is { } above)
                throw new ArgumentException($"The feature '{feature.Key}' lies inside the feature '{above.Key}'.");
            node = node.Child(feature.Path[depth - 1]);
            int[] sequences = [.. feature.SequenceLengths.Where((_, i) => feature.SequenceDepths[i] == depth)];
            if (node.Sequences is { } known && !known.SequenceEqual(sequences))
                throw new ArgumentException($"The feature '{feature.Key}' and its neighbours disagree about the sequence around them.");
            node.Sequences = sequences;
        }

        if (node.Leaf is not null || node.Children.Count > 0)
            throw new ArgumentException($"Two features claim the place '{feature.Key}'.");
        node.Leaf = feature;
    }

    private static void WriteNode(Utf8JsonWriter json, Node node, bool isRoot = false)
    {
        foreach (var length in node.Sequences ?? [])
            OpenSequence(json, "sequence_feature.Sequence", length);
        if (node.Leaf is { } leaf)
        {
            WriteLeaf(json, leaf);
        }
        else
        {
            json.WriteStartObject();
            json.WriteString("pythonClassName", Package + "features_dict.FeaturesDict");
            json.WriteStartObject("featuresDict");
            if (node.Children.Count > 0)
            {
                json.WriteStartObject("features");
                foreach (var (name, child) in node.Children)
                {
                    json.WritePropertyName(name);
                    var isSteps = isRoot && name == Steps;
                    if (isSteps)
                        OpenSequence(json, "dataset_feature.Dataset", -1);
                    WriteNode(json, child);
                    if (isSteps)
                        CloseSequence(json);
                }

                json.WriteEndObject();
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        for (var i = node.Sequences?.Length ?? 0; i > 0; i--)
            CloseSequence(json);
    }

    private static void OpenSequence(Utf8JsonWriter json, string className, int length)
    {
        json.WriteStartObject();
        json.WriteString("pythonClassName", Package + className);
        json.WriteStartObject("sequence");
        json.WriteString("length", Text(length));
        json.WritePropertyName("feature");
    }

    private static void CloseSequence(Utf8JsonWriter json)
    {
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteLeaf(Utf8JsonWriter json, RldsFeature leaf)
    {
        json.WriteStartObject();
        json.WriteString("pythonClassName", Package + (leaf.Kind switch
        {
            RldsFeatureKind.Text => "text_feature.Text",
            RldsFeatureKind.Image => "image_feature.Image",
            RldsFeatureKind.ClassLabel => "class_label_feature.ClassLabel",
            RldsFeatureKind.BoundingBox => "bounding_boxes.BBoxFeature",
            RldsFeatureKind.Tensor when leaf.ClassName == "Scalar" => "scalar.Scalar",
            RldsFeatureKind.Tensor => "tensor_feature.Tensor",
            _ => throw new ArgumentException($"The feature '{leaf.Key}' ({leaf.ClassName}) is of a class that cannot be written."),
        }));
        switch (leaf.Kind)
        {
            case RldsFeatureKind.Text:
                json.WriteStartObject("text");
                break;
            case RldsFeatureKind.ClassLabel:
                json.WriteStartObject("classLabel");
                json.WriteString("numClasses", Text(leaf.ClassCount));
                break;
            case RldsFeatureKind.Image:
                json.WriteStartObject("image");
                WriteShape(json, leaf);
                json.WriteString("dtype", leaf.DType!.Value.NumpyName());
                if (leaf.ImageEncoding != ImageFormat.Unknown)
                    json.WriteString("encodingFormat", leaf.ImageEncoding == ImageFormat.Jpeg ? "jpeg" : "png");
                break;
            case RldsFeatureKind.BoundingBox:
                json.WriteStartObject("boundingBox");
                WriteShape(json, leaf);
                json.WriteString("dtype", leaf.DType!.Value.NumpyName());
                break;
            default:
                json.WriteStartObject("tensor");
                WriteShape(json, leaf);
                json.WriteString("dtype", leaf.DType?.NumpyName() ?? "string");
                json.WriteString("encoding", leaf.Encoding switch { TensorEncoding.Bytes => "bytes", TensorEncoding.Zlib => "zlib", _ => "none" });
                break;
        }

        json.WriteEndObject();
        if (leaf.Description.Length > 0)
            json.WriteString("description", leaf.Description);
        json.WriteEndObject();
    }

    private static void WriteShape(Utf8JsonWriter json, RldsFeature leaf)
    {
        json.WriteStartObject("shape");
        if (leaf.Shape.Count > 0)
        {
            json.WriteStartArray("dimensions");
            foreach (var dimension in leaf.Shape)
                json.WriteStringValue(Text(dimension));
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private sealed class Node
    {
        public OrderedDictionary<string, Node> Children { get; } = [];

        public int[]? Sequences { get; set; }

        public RldsFeature? Leaf { get; set; }

        public Node Child(string name)
        {
            if (!Children.TryGetValue(name, out var child))
                Children.Add(name, child = new Node());
            return child;
        }
    }
}
