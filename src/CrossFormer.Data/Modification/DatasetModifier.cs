using System.Text.Json;
using CrossFormer.Data.Conversion;
using CrossFormer.Data.Rlds;
using CrossFormer.Formats;

namespace CrossFormer.Data.Modification;

/// <summary>
/// Writes a changed copy of a dataset, as rlds_dataset_mod does for the Open X-Embodiment datasets. Splits, order, version, texts
/// and all features that are not changed stay; caches of statistics are not copied, for they would be wrong.
/// </summary>
public static class DatasetModifier
{
    /// <summary>
    /// Modifies all episodes, several at a time. After a crash, a kill or an error the same call goes on behind the last episode
    /// that is safely on the disk.
    /// </summary>
    /// <param name="source">The dataset.</param>
    /// <param name="dataFolder">The folder in which datasets lie; the copy goes there, never over the source.</param>
    /// <param name="options">What to change.</param>
    /// <param name="progress">Told after each episode.</param>
    /// <param name="cancellation">Ends the work between two episodes; what is done is kept.</param>
    /// <returns>The folder of the copy's version.</returns>
    /// <exception cref="CorruptFileException">A record or an image is damaged.</exception>
    /// <exception cref="ArgumentException">An option is out of range or names what is not there.</exception>
    /// <exception cref="IOException">The copy would lie where the source lies, exists already, or is being written by another process.</exception>
    /// <exception cref="InvalidOperationException">No episode is left; or an interrupted run left behind a copy with other changes.</exception>
    public static string Modify(
        RldsDataset source, string dataFolder, ModificationOptions options, IProgress<ConversionProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Workers, 1, nameof(options));
        var changes = new EpisodeChanges(source, options);
        var info = source.Info with { Name = options.Name ?? source.Name };
        if (Path.GetFullPath(Path.Combine(dataFolder, info.Name, info.Version)) == source.Folder)
            throw new IOException($"{source.Folder} is the dataset that is to be modified; choose another folder or name.");
        using var writer = RldsWriter.Open(dataFolder, info, changes.Features, new RldsWriteOptions { Overwrite = options.Overwrite, Source = Identity(source, options) });
        var (done, total) = (0L, source.Splits.Sum(s => (long)s.EpisodeCount));
        try
        {
            foreach (var split in source.Splits.Where(s => s.EpisodeCount > 0))
            {
                var position = writer.Position(split.Name);
                done += position;
                foreach (var record in Rest(split, position).SelectInOrder(options.Workers, episode => Encode(episode, changes, writer, options, cancellation)))
                {
                    if (record is null)
                        writer.Skip(split.Name);
                    else
                        writer.Append(split.Name, record);
                    progress?.Report(new ConversionProgress(++done, total, split.Name));
                }
            }
        }
        catch (Exception e) when (e is CorruptFileException or OperationCanceledException)
        {
            writer.Checkpoint();
            throw;
        }

        return writer.Complete();

        // A record that cannot be read counts as one that was passed over, so that positions keep their meaning.
        IEnumerable<RldsEpisode?> Rest(RldsSplit split, long position)
        {
            var lost = new Queue<RldsEpisode?>();
            var reading = options.OnSkipped is null ? null : new RldsReadOptions
            {
                SkipBad = true,
                OnSkipped = (records, problem) =>
                {
                    options.OnSkipped($"{records} of {split.Name}", problem);
                    for (var i = 0; i < records; i++)
                        lost.Enqueue(null);
                },
            };
            foreach (var slice in source.Slices(split.Name))
            {
                var passed = (int)Math.Min(position, slice.Count);
                position -= passed;
                if (passed == slice.Count)
                    continue;
                foreach (var episode in source.ReadSlice(slice with { First = slice.First + passed, Count = slice.Count - passed }, reading))
                {
                    while (lost.TryDequeue(out var gap))
                        yield return gap;
                    yield return episode;
                }

                while (lost.TryDequeue(out var gap))
                    yield return gap;
            }
        }
    }

    // Null: the episode is passed over.
    private static byte[]? Encode(RldsEpisode? episode, EpisodeChanges changes, RldsWriter writer, ModificationOptions options, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (episode is null || !changes.Keeps(episode))
            return null;
        try
        {
            return writer.Encode(changes.Apply(episode));
        }
        catch (CorruptFileException e) when (options.OnSkipped is not null)
        {
            options.OnSkipped($"record {episode.RecordNumber} of {Path.GetFileName(episode.Record.File)}", e);
            return null;
        }
    }

    // All that decides about the records, so that no dataset is half of one and half of another.
    private static string Identity(RldsDataset source, ModificationOptions options) => JsonSerializer.Serialize(new
    {
        source.Folder,
        Episodes = source.Splits.Select(s => s.EpisodeCount),
        options.Images,
        options.SuccessOnly,
        options.Drop,
        options.SwapRedBlue,
        options.UpsideDown,
    });
}
