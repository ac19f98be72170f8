using System.Security.Cryptography;
using System.Text.RegularExpressions;
using CrossFormer.Formats;

namespace CrossFormer.Data.Rlds;

/// <summary>
/// Writes a dataset of episodes as TFDS does, so that TFDS and <see cref="RldsDataset"/> open it: TFRecord shards,
/// <c>features.json</c>, <c>dataset_info.json</c> and class names, in <c>FOLDER/NAME/VERSION</c>.
/// </summary>
/// <remarks>
/// All is written into the hidden <c>.VERSION.incomplete</c> beside it, which <see cref="Complete"/> renames: the dataset is
/// there whole or not at all. After a crash or a kill, opening the same dataset again continues behind the last checkpoint;
/// <see cref="Position"/> says where in the source that is. Needs memory for one episode. Not thread-safe, but for
/// <see cref="Encode"/>.
/// </remarks>
public sealed partial class RldsWriter : IDisposable
{
    private const string LockFile = "lock";

    private readonly RldsWriteOptions _options;
    private readonly RldsSchema _schema;
    private readonly byte[] _featuresJson;
    private readonly string _working;
    private readonly FileStream _lock;
    private readonly List<SplitWriter> _splits = [];
    private bool _completed;

    private RldsWriter(string working, string folder, RldsDatasetInfo info, IReadOnlyList<RldsFeature> features, RldsWriteOptions options)
    {
        (_working, Folder, Info, _options) = (working, folder, info, options);
        _featuresJson = FeaturesJsonWriter.Write(features);
        _schema = new RldsSchema(features);
        foreach (var leaf in _schema.Leaves)
            CheckReadable(leaf);
        Directory.CreateDirectory(working);
        try
        {
            _lock = new FileStream(Path.Combine(working, LockFile), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e)
        {
            throw new IOException($"{folder} is being written by another process ({e.Message}).", e);
        }

        try
        {
            var fingerprint = Convert.ToHexStringLower(SHA256.HashData(_featuresJson));
            Progress = WriterProgress.Load(working) ?? new WriterProgress { Source = options.Source, Features = fingerprint };
            if (Progress.Source != options.Source || Progress.Features != fingerprint)
                throw new InvalidOperationException($"{working} holds an unfinished dataset from another source or with other features. Delete the folder to begin anew.");
            _splits.AddRange(Progress.Splits.Select(s => new SplitWriter(working, s)));
        }
        catch
        {
            _lock.Dispose();
            throw;
        }
    }

    /// <summary>The folder that the finished dataset will have.</summary>
    public string Folder { get; }

    /// <summary>Name, version and texts.</summary>
    public RldsDatasetInfo Info { get; }

    /// <summary>The features of steps and episodes, in the records' order.</summary>
    public IReadOnlyList<RldsFeature> Features => _schema.Features;

    /// <summary>Episodes written so far, those of an interrupted run included.</summary>
    public long EpisodeCount => _splits.Sum(s => s.State.Shards.Sum(h => (long)h.Episodes));

    private WriterProgress Progress { get; }

    /// <summary>Opens a dataset for writing, or one that was left unfinished for continuing.</summary>
    /// <param name="dataFolder">The folder in which datasets lie; made when absent.</param>
    /// <param name="info">Name (letters, digits, underscores, a letter first) and version (three numbers).</param>
    /// <param name="features">Features of steps and episodes; a record's lists have their order.</param>
    /// <param name="options">Sizes, overwriting, source; null for the defaults.</param>
    /// <exception cref="ArgumentException">Name, version or features are such that TFDS could not open the dataset.</exception>
    /// <exception cref="IOException">The dataset exists and may not be overwritten, or is being written by another process.</exception>
    /// <exception cref="InvalidOperationException">What was left unfinished comes from another source.</exception>
    public static RldsWriter Open(string dataFolder, RldsDatasetInfo info, IReadOnlyList<RldsFeature> features, RldsWriteOptions? options = null)
    {
        options ??= new RldsWriteOptions();
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.ShardBytes, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.CheckpointBytes, nameof(options));
        if (!NamePattern().IsMatch(info.Name))
            throw new ArgumentException($"A dataset's name has letters, digits and underscores and begins with a letter; got '{info.Name}'.", nameof(info));
        if (!VersionPattern().IsMatch(info.Version))
            throw new ArgumentException($"A dataset's version is three numbers such as 1.0.0; got '{info.Version}'.", nameof(info));
        var folder = Path.Combine(Path.GetFullPath(dataFolder), info.Name, info.Version);
        if (Directory.Exists(folder) && !options.Overwrite)
            throw new IOException($"{folder} exists already. Choose another name or version, or allow overwriting.");
        return new RldsWriter(Path.Combine(dataFolder, info.Name, $".{info.Version}.incomplete"), folder, info, features, options);
    }

    /// <summary>
    /// How many episodes of the source are done with, for one split: written, or passed over with <see cref="Skip"/>. Not 0
    /// at the beginning when an interrupted run is continued: begin with the source's episode of that number.
    /// </summary>
    public long Position(string split) => _splits.Find(s => s.State.Name == split)?.State.Position ?? 0;

    /// <summary>Encodes an episode. May be called from many threads at once.</summary>
    /// <param name="columns">One column for each of <see cref="Features"/>, in any order; all columns of steps have one length.</param>
    /// <returns>A record's data for <see cref="Append"/>.</returns>
    /// <exception cref="ArgumentException">A column is missing, unknown, of another kind, or of another number of steps.</exception>
    public byte[] Encode(IEnumerable<RldsColumn> columns) => ColumnWriter.Encode(_schema, columns);

    /// <summary>Encodes an episode and appends it; its <see cref="Position"/> moves by one.</summary>
    /// <param name="split">For example <c>train</c>; splits keep the order in which they first appear.</param>
    /// <param name="columns">See <see cref="Encode"/>.</param>
    /// <inheritdoc cref="Encode" path="/exception"/>
    public void Write(string split, IEnumerable<RldsColumn> columns) => Append(split, Encode(columns));

    /// <summary>Appends an encoded episode; the split's <see cref="Position"/> moves by one.</summary>
    /// <param name="split">For example <c>train</c>.</param>
    /// <param name="record">What <see cref="Encode"/> made, or a record of a dataset with the same features.</param>
    public void Append(string split, ReadOnlySpan<byte> record)
    {
        var writer = Split(split);
        writer.Append(record, _options.ShardBytes);
        if (_splits.Sum(s => s.UnsavedBytes) >= _options.CheckpointBytes)
            Checkpoint();
    }

    /// <summary>Passes over an episode of the source; the split's <see cref="Position"/> moves by one.</summary>
    public void Skip(string split) => Split(split).State.Position++;

    /// <summary>Ends the split's shard: the next record begins another.</summary>
    public void EndShard(string split) => Split(split).EndShard();

    /// <summary>Waits until the disk has everything that was appended.</summary>
    public void Checkpoint()
    {
        foreach (var split in _splits)
            split.Flush();
        Progress.Save(_working);
    }

    /// <summary>Ends the dataset: from now on it is there, under its name.</summary>
    /// <returns><see cref="Folder"/>.</returns>
    /// <exception cref="InvalidOperationException">No episode was written.</exception>
    public string Complete()
    {
        if (EpisodeCount == 0)
            throw new InvalidOperationException($"{Folder}: there is no episode to write.");
        foreach (var split in _splits)
            split.EndShard();
        Checkpoint();
        var filled = _splits.Where(s => s.State.Shards.Count > 0).ToArray();
        foreach (var split in filled)
            split.Rename(Info.Name);
        AtomicFile.Write(Path.Combine(_working, RldsDataset.FeaturesFile), _featuresJson);
        foreach (var feature in Features.Where(f => f.ClassNames.Count > 0))
            AtomicFile.Write(Path.Combine(_working, FeaturesJson.ClassNamesFile(feature.Path)), System.Text.Encoding.UTF8.GetBytes(string.Join('\n', feature.ClassNames) + "\n"));
        AtomicFile.Write(Path.Combine(_working, RldsDataset.InfoFile), stream => DatasetInfoJson.Write(
            stream, Info, filled.Select(s => (s.State.Name, (IReadOnlyList<int>)[.. s.State.Shards.Select(h => h.Episodes)], s.State.Shards.Sum(h => h.DataBytes)))));
        Dispose();
        AtomicFolder.Publish(_working, Folder);
        // Not before: killed up to here, the next run finds that all is written and ends the dataset once more.
        WriterProgress.Delete(Folder);
        File.Delete(Path.Combine(Folder, LockFile));
        _completed = true;
        return Folder;
    }

    /// <summary>Closes the files. Unless <see cref="Complete"/> came before, what the last checkpoint covers stays for the next run.</summary>
    public void Dispose()
    {
        foreach (var split in _splits)
            split.Dispose();
        _lock.Dispose();
    }

    private SplitWriter Split(string name)
    {
        ObjectDisposedException.ThrowIf(_completed, this);
        if (_splits.Find(s => s.State.Name == name) is { } known)
            return known;
        if (!SplitPattern().IsMatch(name) || name == "all")
            throw new ArgumentException($"A split's name has letters, digits and underscores and is not 'all'; got '{name}'.", nameof(name));
        var state = new WriterProgress.Split { Name = name };
        Progress.Splits.Add(state);
        var split = new SplitWriter(_working, state);
        _splits.Add(split);
        return split;
    }

    // What TFDS writes but cannot read again, found by trying (goldens/rlds/README.md).
    private static void CheckReadable(RldsSchema.Leaf leaf)
    {
        var feature = leaf.Feature;
        var problem =
            leaf.Unreadable ?? (
            feature.Kind == RldsFeatureKind.Tensor && feature.PerStep && feature.Encoding == TensorEncoding.None && feature.Shape.Contains(0) ? "a tensor without elements makes TFDS fail" :
            feature.DType == Arrays.DType.BFloat16 && feature.Encoding == TensorEncoding.None ? "bfloat16 needs the encoding bytes or zlib" :
            feature.DType == Arrays.DType.UInt64 && feature.Encoding != TensorEncoding.None ? "TFDS cannot read uint64 with an encoding" :
            feature.DType is null && feature.Encoding != TensorEncoding.None ? "strings have no encoding" : null);
        if (problem is not null)
            throw new ArgumentException($"The feature '{feature.Key}' ({feature}) cannot be written: {problem}.");
    }

    [GeneratedRegex(@"\A[A-Za-z][A-Za-z0-9_]*\z")]
    private static partial Regex NamePattern();

    [GeneratedRegex(@"\A[0-9]+\.[0-9]+\.[0-9]+\z")]
    private static partial Regex VersionPattern();

    [GeneratedRegex(@"\A[A-Za-z0-9_]+\z")]
    private static partial Regex SplitPattern();
}
