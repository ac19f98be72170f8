using CrossFormer.Arrays;
using CrossFormer.Data.TfRecords;

namespace CrossFormer.Data.Rlds;

/// <summary>
/// The features of an episode by name, decoded when asked for: asking twice decodes twice, and what nobody asks for costs
/// nothing. Thread-safe.
/// </summary>
public sealed class RldsColumns
{
    private readonly Example _example;
    private readonly IReadOnlyDictionary<string, RldsSchema.Leaf> _leaves;
    private readonly int? _steps;

    internal RldsColumns(Example example, IReadOnlyDictionary<string, RldsSchema.Leaf> leaves, int? steps) =>
        (_example, _leaves, _steps) = (example, leaves, steps);

    /// <summary>All names, in the order of features.json.</summary>
    public IEnumerable<string> Names => _leaves.Keys;

    /// <summary>Whether there is a feature of that name.</summary>
    public bool Contains(string name) => _leaves.ContainsKey(name);

    /// <summary>Decodes a feature.</summary>
    /// <param name="name">For example <c>observation/image_0</c> or <c>action</c>.</param>
    /// <exception cref="KeyNotFoundException">The dataset has no such feature.</exception>
    /// <exception cref="NotSupportedException">The feature is of a class that cannot be read.</exception>
    /// <exception cref="Formats.CorruptFileException">The record's list does not fit the feature.</exception>
    public RldsColumn this[string name] => ColumnReader.Read(_example, Find(name), _steps);

    /// <summary>Numbers: [steps, …shape], in the feature's own dtype.</summary>
    /// <inheritdoc cref="this[string]"/>
    /// <exception cref="InvalidOperationException">The feature holds no numbers of a fixed shape.</exception>
    public NdArray Array(string name) => As<ArrayColumn>(name, "numbers of a fixed shape").Values;

    /// <summary>Images, still encoded.</summary>
    /// <inheritdoc cref="this[string]"/>
    /// <exception cref="InvalidOperationException">The feature holds no images.</exception>
    public ImageColumn Images(string name) => As<ImageColumn>(name, "images");

    /// <summary>Strings as UTF-8 text.</summary>
    /// <inheritdoc cref="this[string]"/>
    /// <exception cref="InvalidOperationException">The feature holds no strings.</exception>
    public string[] Texts(string name)
    {
        var column = As<BytesColumn>(name, "strings");
        var texts = new string[column.Count];
        for (var i = 0; i < texts.Length; i++)
            texts[i] = column.Text(i);
        return texts;
    }

    private T As<T>(string name, string what) where T : RldsColumn =>
        this[name] as T ?? throw new InvalidOperationException($"The feature '{name}' holds no {what}: it is a {Find(name).Feature.Kind} of {Find(name).Feature}.");

    private RldsSchema.Leaf Find(string name) =>
        _leaves.TryGetValue(name, out var leaf)
            ? leaf
            : throw new KeyNotFoundException($"{_example.Record.File}: there is no feature '{name}'; there are {string.Join(", ", _leaves.Keys)}.");
}
