using System.Security.Cryptography;
using System.Text;
using CrossFormer.Formats;
using CrossFormer.Statistics;

namespace CrossFormer.Data.Trajectories;

/// <summary>
/// Statistics computed once: kept as <c>dataset_statistics_HASH.json</c> in the dataset's folder, or in the user's cache folder
/// where that cannot be written. The hash covers what they depend on, the size and time of every shard included, so a changed
/// dataset, transform or filter, or another robot's dataset of the same name, never finds old ones. The reference writes files of the same name and form, under hashes of its own library's texts: read
/// those with <see cref="StatisticsCollection.Read"/> and set <see cref="DatasetSource.Statistics"/>.
/// </summary>
public static class StatisticsCache
{
    // Part of every hash: to be raised when the computation changes.
    private const string Version = "crossformer-net 2";

    /// <summary>The statistics of a source: its own, else the cached ones, else computed and cached.</summary>
    /// <param name="source">The dataset.</param>
    /// <param name="arithmetic">How sums run.</param>
    /// <param name="recompute">True: never take cached ones.</param>
    /// <param name="progress">Told the number of episodes read so far, when they are computed.</param>
    /// <param name="cancellation">Stops the reading.</param>
    /// <inheritdoc cref="StatisticsComputation.Compute" path="/exception"/>
    public static DatasetStatistics GetOrCompute(
        DatasetSource source, StatisticsArithmetic arithmetic = StatisticsArithmetic.Exact, bool recompute = false, IProgress<long>? progress = null, CancellationToken cancellation = default) =>
        GetOrCompute(source, UserFolder, arithmetic, recompute, progress, cancellation);

    internal static DatasetStatistics GetOrCompute(
        DatasetSource source, string userFolder, StatisticsArithmetic arithmetic, bool recompute, IProgress<long>? progress, CancellationToken cancellation)
    {
        if (source.Statistics is { } given)
            return given;
        if (Hash(source, arithmetic) is not { } hash)
            return StatisticsComputation.Compute(source, arithmetic, progress, cancellation);
        string[] paths = [Path.Combine(source.Dataset.Folder, FileName(hash)), Path.Combine(userFolder, FileName(hash))];
        if (!recompute && Array.Find(paths, File.Exists) is { } found)
            return StatisticsCollection.Read(found)[source.Name];
        var statistics = StatisticsComputation.Compute(source, arithmetic, progress, cancellation);
        Store(statistics, paths);
        return statistics;
    }

    /// <summary>Name of the cache file for a hash.</summary>
    internal static string FileName(string hash) => $"dataset_statistics_{hash}.json";

    /// <summary>SHA-256 of everything that the statistics depend on; null when a function without a name is among it.</summary>
    internal static string? Hash(DatasetSource source, StatisticsArithmetic arithmetic)
    {
        if (source.Standardize is not null && source.StandardizeName is null)
            return null;
        var text = new StringBuilder();
        // Lengths part the fields, so that no two lists of fields give one text.
        foreach (var field in (IEnumerable<string>)[
            Version, arithmetic.ToString(), source.Dataset.Name, source.Dataset.Version, source.StandardizeName ?? "", source.ReadOptions.SkipBad.ToString(),
            .. source.Dataset.Splits.Select(s => $"{s.Name}:{string.Join(',', s.ShardLengths)}"),
            .. source.Dataset.Splits.SelectMany(s => s.Files).Select(Identity),
            .. source.Dataset.Features.Select(f => f.ToString()!),
            .. source.ProprioKeys.Select(k => $"{k.Key}={k.Value}"),
            .. source.Filters.Select(f => f.Name)])
            text.Append(field.Length).Append(':').Append(field);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }

    // Two datasets of one name may be as many episodes long: the file's own size and time tell them apart, behind a link too.
    private static string Identity(string file)
    {
        var info = new FileInfo(file);
        info = info.Exists && info.ResolveLinkTarget(returnFinalTarget: true) is FileInfo target ? target : info;
        return info.Exists ? $"{info.Length} {info.LastWriteTimeUtc.Ticks}" : "";
    }

    private static string UserFolder => Path.Combine(
        Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } caches
            ? caches
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"),
        "crossformer");

    private static void Store(DatasetStatistics statistics, string[] paths)
    {
        foreach (var path in paths)
        {
            try
            {
                var folder = Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                if (IsReadOnly(folder))
                    continue;
                AtomicFile.Write(path, new StatisticsCollection(statistics).Write);
                return;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // A cache that cannot be written costs time at the next start, no more.
            }
        }
    }

    // A folder that nobody may write to is meant to stay as it is, even where the system would let an administrator.
    private static bool IsReadOnly(DirectoryInfo folder) =>
        !OperatingSystem.IsWindows() && (folder.UnixFileMode & (UnixFileMode.UserWrite | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite)) == 0;
}
