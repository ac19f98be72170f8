using CrossFormer.Formats;

namespace CrossFormer.Data.Rlds;

/// <summary>
/// A dataset of robot episodes as TFDS writes it: <c>dataset_info.json</c>, <c>features.json</c> and TFRecord shards in one
/// folder per version. Opening reads the two JSON files only. Immutable and thread-safe.
/// </summary>
public sealed class RldsDataset
{
    internal const string InfoFile = "dataset_info.json";
    internal const string FeaturesFile = "features.json";

    private readonly RldsSchema _schema;

    private RldsDataset(string folder)
    {
        Folder = folder;
        (Info, Splits) = DatasetInfoJson.Read(Path.Combine(folder, InfoFile));
        _schema = new RldsSchema(FeaturesJson.Read(Path.Combine(folder, FeaturesFile)));
    }

    /// <summary>The folder that holds the version's files.</summary>
    public string Folder { get; }

    /// <summary>The dataset's name, for example <c>bridge_dataset</c>.</summary>
    public string Name => Info.Name;

    /// <summary>The version, for example <c>1.0.0</c>.</summary>
    public string Version => Info.Version;

    /// <summary>Name, version and what the dataset's author wrote about it.</summary>
    public RldsDatasetInfo Info { get; }

    /// <summary>The splits, in the order of dataset_info.json (which is the order of <c>all</c>).</summary>
    public IReadOnlyList<RldsSplit> Splits { get; }

    /// <summary>The features of steps and episodes, in the order of features.json.</summary>
    public IReadOnlyList<RldsFeature> Features => _schema.Features;

    /// <summary>The split to train on: <c>train</c>, or its first 95 % in a dataset without <c>val</c>.</summary>
    public string TrainingSplit => HasValidation ? "train" : "train[:95%]";

    /// <summary>The split to validate on: <c>val</c>, or the last 5 % of <c>train</c> in a dataset without.</summary>
    public string ValidationSplit => HasValidation ? "val" : "train[95%:]";

    private bool HasValidation => Splits.Any(s => s.Name == "val");

    /// <summary>Opens a dataset.</summary>
    /// <param name="path">
    /// The version's folder (<c>bridge_dataset/1.0.0</c>), the dataset's (<c>bridge_dataset</c>, its newest version unless
    /// <paramref name="version"/> says otherwise), or a folder that holds one dataset.
    /// </param>
    /// <param name="version">Which version; null for the newest.</param>
    /// <exception cref="DirectoryNotFoundException">There is no dataset, no such version, or more than one dataset.</exception>
    /// <exception cref="CorruptFileException">A JSON file is malformed; says where.</exception>
    /// <exception cref="NotSupportedException">The records are not in TFRecord files.</exception>
    public static RldsDataset Open(string path, string? version = null) => new(Path.GetFullPath(FindVersion(path, version)));

    /// <summary>Resolves a split expression to pieces of shards, in file order.</summary>
    /// <param name="split">
    /// As TFDS: <c>train</c>, <c>train[:95%]</c>, <c>train[10:20]</c>, <c>train[1shard:]</c>, <c>all</c>, sums with <c>+</c>.
    /// <c>val</c> of a dataset without is the last 5 % of <c>train</c>.
    /// </param>
    /// <exception cref="ArgumentException">It is no split expression, names an unknown split, or selects no episode.</exception>
    public IReadOnlyList<RldsShardSlice> Slices(string split) =>
        SplitExpression.Resolve(split == "val" ? ValidationSplit : split, Splits);

    /// <summary>Number of episodes that dataset_info.json promises for a split expression.</summary>
    /// <inheritdoc cref="Slices"/>
    public int EpisodeCount(string split) => checked(Slices(split).Sum(s => s.Count));

    /// <summary>Reads the episodes of a split in file order: shard by shard, record by record.</summary>
    /// <param name="split">See <see cref="Slices"/>.</param>
    /// <param name="options">What to do about damaged records; null: stop at the first.</param>
    /// <exception cref="ArgumentException">The split expression is wrong (thrown by the call itself).</exception>
    /// <exception cref="CorruptFileException">A record is damaged (thrown while enumerating, as are the next two).</exception>
    /// <exception cref="FileNotFoundException">A shard is absent.</exception>
    public IEnumerable<RldsEpisode> ReadEpisodes(string split, RldsReadOptions? options = null) =>
        Slices(split).SelectMany(slice => ReadSlice(slice, options));

    /// <summary>Reads one episode of a split.</summary>
    /// <param name="split">See <see cref="Slices"/>.</param>
    /// <param name="index">Its number in the split's file order, counted from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The split has fewer episodes.</exception>
    /// <exception cref="CorruptFileException">The record is damaged.</exception>
    public RldsEpisode ReadEpisode(string split, int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        var left = index;
        foreach (var slice in Slices(split))
        {
            if (left < slice.Count)
                return ReadSlice(slice with { First = slice.First + left, Count = 1 }).First();
            left -= slice.Count;
        }

        throw new ArgumentOutOfRangeException(nameof(index), index, $"{Name} '{split}' has {index - left} episodes, counted from 0.");
    }

    /// <summary>Reads a piece of one shard. Where the piece reaches the shard's end, the file must end there too.</summary>
    /// <param name="slice">One of <see cref="Slices"/>, or a part of one.</param>
    /// <param name="options">What to do about damaged records; null: stop at the first.</param>
    /// <inheritdoc cref="ReadEpisodes" path="/exception"/>
    public IEnumerable<RldsEpisode> ReadSlice(RldsShardSlice slice, RldsReadOptions? options = null)
    {
        var skipBad = options?.SkipBad ?? false;
        using var shard = new ShardReader(slice, _schema);
        while (!shard.AtEnd)
        {
            var first = shard.Next;
            RldsEpisode episode;
            try
            {
                episode = shard.Read();
            }
            catch (IOException e) when (skipBad)
            {
                options!.OnSkipped?.Invoke(shard.Next - first, e);
                continue;
            }

            yield return episode;
        }

        try
        {
            shard.CheckEnd();
        }
        catch (CorruptFileException e) when (skipBad)
        {
            options!.OnSkipped?.Invoke(0, e);
        }
    }

    /// <summary>The episodes of a split in any order.</summary>
    internal EpisodeFiles OpenFiles(string split, RldsReadOptions options) => new(_schema, Slices(split), options);

    private static string FindVersion(string path, string? version)
    {
        if (!Directory.Exists(path))
            throw new DirectoryNotFoundException($"{path}: there is no such folder.");
        var found = new List<(string Folder, Version Number)>();
        Search(new DirectoryInfo(path), 0);
        if (found.Count == 0)
            throw new DirectoryNotFoundException($"{path}: no dataset here (a folder with {InfoFile} and {FeaturesFile}, as TFDS writes it).");
        var datasets = found.Select(f => Path.GetDirectoryName(f.Folder)).Distinct().ToArray();
        if (datasets.Length > 1)
            throw new DirectoryNotFoundException($"{path}: there is more than one dataset here, name one: {string.Join(", ", datasets)}.");
        if (version is null)
            return found.MaxBy(f => f.Number).Folder;
        return found.Find(f => Path.GetFileName(f.Folder) == version).Folder ??
            throw new DirectoryNotFoundException($"{path}: there is no version {version}; there are {string.Join(", ", found.Select(f => Path.GetFileName(f.Folder)))}.");

        // data_dir/name/config/version is as deep as TFDS nests.
        void Search(DirectoryInfo folder, int depth)
        {
            if (File.Exists(Path.Combine(folder.FullName, InfoFile)) || File.Exists(Path.Combine(folder.FullName, FeaturesFile)))
            {
                found.Add((folder.FullName, System.Version.TryParse(folder.Name, out var number) ? number : new Version()));
                return;
            }

            if (depth == 3)
                return;
            // Hidden folders are what a writer has not finished.
            foreach (var child in folder.EnumerateDirectories().Where(d => !d.Name.StartsWith('.')).OrderBy(d => d.Name, StringComparer.Ordinal))
                Search(child, depth + 1);
        }
    }
}
