using CrossFormer.Arrays;
using CrossFormer.Images;

namespace CrossFormer.Data.Rlds;

/// <summary>One leaf of features.json: what it is, and where records keep it.</summary>
/// <param name="Key">
/// Its name in the records: the path joined by '/', for example <c>steps/observation/image_0</c>. Parts may hold slashes,
/// spaces and dots themselves, so a key is looked up whole and never split.
/// </param>
/// <param name="Kind">What it is.</param>
/// <param name="ClassName">TFDS's class, for example <c>Tensor</c>.</param>
/// <param name="DType">Element type; null for strings. An image's is that of its pixels.</param>
/// <param name="Shape">Shape of one value; −1 where it varies. An image's is height, width, channels.</param>
/// <param name="Encoding">How a tensor's numbers lie in the record.</param>
/// <param name="SequenceLengths">
/// One entry for each TFDS Sequence around the leaf, outermost first (the dataset of steps not counted): its fixed length,
/// or −1.
/// </param>
/// <param name="PerStep">Whether it is a leaf of the steps (true) or of the episode.</param>
/// <param name="ClassNames">A class label's names, if the dataset has them; else empty.</param>
/// <param name="Description">What the dataset's author wrote about it; may be empty.</param>
public sealed record RldsFeature(
    string Key,
    RldsFeatureKind Kind,
    string ClassName,
    DType? DType,
    IReadOnlyList<int> Shape,
    TensorEncoding Encoding,
    IReadOnlyList<int> SequenceLengths,
    bool PerStep,
    IReadOnlyList<string> ClassNames,
    string Description)
{
    internal const string StepsPrefix = "steps/";

    /// <summary>The names that lead to it through features.json's dictionaries; together they are <see cref="Key"/>.</summary>
    public IReadOnlyList<string> Path { get; init; } = Key.Split('/');

    /// <summary>How TFDS encodes an image that it is given as pixels; says nothing about what the records hold.</summary>
    public ImageFormat ImageEncoding { get; init; }

    /// <summary>How many classes a class label knows.</summary>
    public int ClassCount { get; init; } = ClassNames.Count;

    /// <summary>
    /// Where on <see cref="Path"/> each of <see cref="SequenceLengths"/> stands, as the number of names before it: a
    /// sequence of dictionaries stands before the leaf's own name. By default all stand at the leaf.
    /// </summary>
    internal IReadOnlyList<int> SequenceDepths { get; init; } = [.. Enumerable.Repeat(Key.Split('/').Length, SequenceLengths.Count)];

    /// <summary>
    /// Its name in <see cref="RldsEpisode.Steps"/> (<c>observation/image_0</c>) or in <see cref="RldsEpisode.Metadata"/>
    /// (<c>episode_metadata/file_path</c>).
    /// </summary>
    public string Name => PerStep ? Key[StepsPrefix.Length..] : Key;

    /// <summary>How many dimensions of a value vary.</summary>
    internal int UnknownDimensions => Shape.Count(d => d < 0);

    /// <summary>Whether a value is one byte string of the record: text, image, string or encoded tensor.</summary>
    internal bool IsBytes => Kind is RldsFeatureKind.Text or RldsFeatureKind.Image || Encoding != TensorEncoding.None || DType is null;

    /// <summary>The list in which the values lie.</summary>
    internal TfRecords.ExampleFeatureKind Stored =>
        IsBytes ? TfRecords.ExampleFeatureKind.BytesList :
        DType is Arrays.DType.Float16 or Arrays.DType.BFloat16 or Arrays.DType.Float32 or Arrays.DType.Float64
            ? TfRecords.ExampleFeatureKind.FloatList : TfRecords.ExampleFeatureKind.Int64List;

    /// <summary>A feature of numbers, booleans or strings.</summary>
    /// <param name="name">For example <c>observation/state</c> or, for one of the episode, <c>episode_metadata/success</c>.</param>
    /// <param name="dtype">Element type; null for strings. float64 comes back rounded to float32 unless <paramref name="encoding"/> says bytes or zlib.</param>
    /// <param name="shape">Shape of one value; empty for a scalar.</param>
    /// <param name="encoding">How the numbers lie in the record.</param>
    /// <param name="perStep">Whether it is a feature of the steps or of the episode.</param>
    public static RldsFeature Tensor(string name, DType? dtype, IReadOnlyList<int> shape, TensorEncoding encoding = TensorEncoding.None, bool perStep = true) =>
        new(KeyOf(name, perStep), RldsFeatureKind.Tensor, shape.Count == 0 ? "Scalar" : "Tensor", dtype, shape, encoding, [], perStep, [], "");

    /// <summary>A feature of texts.</summary>
    /// <inheritdoc cref="Tensor"/>
    public static RldsFeature Text(string name, bool perStep = true) =>
        new(KeyOf(name, perStep), RldsFeatureKind.Text, "Text", null, [], TensorEncoding.None, [], perStep, [], "");

    /// <summary>A feature of colour or grey images.</summary>
    /// <inheritdoc cref="Tensor"/>
    /// <param name="name">For example <c>observation/image_0</c>.</param>
    /// <param name="height">Rows; −1 when it varies.</param>
    /// <param name="width">Columns; −1 when it varies.</param>
    /// <param name="encoding">JPEG or PNG.</param>
    /// <param name="channels">1, 3 or 4.</param>
    /// <param name="perStep">Whether it is a feature of the steps or of the episode.</param>
    public static RldsFeature Image(string name, int height, int width, ImageFormat encoding, int channels = 3, bool perStep = true) =>
        new(KeyOf(name, perStep), RldsFeatureKind.Image, "Image", Arrays.DType.UInt8, [height, width, channels], TensorEncoding.None, [], perStep, [], "") { ImageEncoding = encoding };

    /// <summary>As numpy would print it, for example <c>float32[7]</c>, <c>uint8[?,?,3]</c>, <c>string[]</c>.</summary>
    public override string ToString() =>
        string.Concat(Enumerable.Repeat("sequence of ", SequenceLengths.Count)) +
        $"{DType?.NumpyName() ?? "string"}[{string.Join(',', Shape.Select(d => d < 0 ? "?" : d.ToString()))}]";

    private static string KeyOf(string name, bool perStep) => perStep ? StepsPrefix + name : name;
}
