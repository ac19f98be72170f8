namespace CrossFormer.Statistics;

/// <summary>
/// A checkpoint's <c>dataset_statistics.json</c>: the statistics of every dataset that it was trained on. A checkpoint
/// fine-tuned on one dataset holds that one's alone, without its name: then every name means it.
/// </summary>
/// <remarks>Immutable and safe to share between threads.</remarks>
public sealed class StatisticsCollection
{
    private readonly DatasetStatistics? _only;

    /// <summary>The statistics of datasets by name.</summary>
    public StatisticsCollection(IReadOnlyDictionary<string, DatasetStatistics> datasets)
    {
        ArgumentNullException.ThrowIfNull(datasets);
        Datasets = datasets;
    }

    /// <summary>The statistics of the only dataset, whose name nobody noted.</summary>
    public StatisticsCollection(DatasetStatistics only)
    {
        ArgumentNullException.ThrowIfNull(only);
        (_only, Datasets) = (only, new Dictionary<string, DatasetStatistics>());
    }

    /// <summary>Statistics by dataset name; empty when there is one dataset without a name.</summary>
    public IReadOnlyDictionary<string, DatasetStatistics> Datasets { get; }

    /// <summary>The dataset without a name, or null.</summary>
    public DatasetStatistics? Unnamed => _only;

    /// <summary>Statistics of a dataset.</summary>
    /// <param name="dataset">Its name; any name will do when the file holds one dataset without a name.</param>
    /// <exception cref="KeyNotFoundException">There is no such dataset; the message names those there are.</exception>
    public DatasetStatistics this[string dataset] =>
        _only ?? (Datasets.TryGetValue(dataset, out var statistics)
            ? statistics
            : throw new KeyNotFoundException($"No statistics of a dataset '{dataset}'; there are {string.Join(", ", Datasets.Keys)}."));

    /// <summary>Reads a <c>dataset_statistics.json</c>.</summary>
    /// <exception cref="Formats.CorruptFileException">It is no JSON text or not of this form; says where.</exception>
    public static StatisticsCollection Read(string path) => Parse(File.ReadAllBytes(path), path);

    /// <summary>Reads the text of a <c>dataset_statistics.json</c>. Python's NaN and Infinity are accepted; members it does not know are skipped.</summary>
    /// <param name="utf8">The JSON text.</param>
    /// <param name="file">What to call it in errors.</param>
    /// <exception cref="Formats.CorruptFileException">It is no JSON text or not of this form; says where.</exception>
    public static StatisticsCollection Parse(ReadOnlySpan<byte> utf8, string file) => StatisticsReader.Read(utf8, file);

    /// <summary>Writes the statistics as JSON that the reference reads; reading it back gives equal values.</summary>
    public void Write(Stream stream) => StatisticsWriter.Write(this, stream);
}
