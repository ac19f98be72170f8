using System.Text.Json;
using CrossFormer.Data.Rlds;

namespace CrossFormer.Data.Conversion;

/// <summary>Writes the episodes of a source as an RLDS dataset.</summary>
public static class EpisodeConverter
{
    /// <summary>
    /// Converts all episodes, one in memory at a time. After a crash, a kill or an error the same call goes on behind the last
    /// episode that is safely on the disk.
    /// </summary>
    /// <param name="source">The episodes.</param>
    /// <param name="dataFolder">The folder in which datasets lie; made when absent.</param>
    /// <param name="info">The new dataset's name, version and description.</param>
    /// <param name="options">Images, names, what to leave out; null for the defaults.</param>
    /// <param name="progress">Told after each episode.</param>
    /// <param name="cancellation">Ends the work between two frames; what is done is kept.</param>
    /// <returns>The folder of the new dataset's version.</returns>
    /// <exception cref="EpisodeSourceException">An episode is damaged, or of other features than the first.</exception>
    /// <exception cref="IOException">The dataset exists already, or is being written by another process.</exception>
    /// <exception cref="InvalidOperationException">What an interrupted run left behind comes from another source or other options.</exception>
    /// <exception cref="ArgumentException">An option is out of range or names what is not there.</exception>
    public static string Convert(
        IEpisodeSource source, string dataFolder, RldsDatasetInfo info, ConversionOptions? options = null, IProgress<ConversionProgress>? progress = null, CancellationToken cancellation = default)
    {
        options ??= new ConversionOptions();
        if (source.Episodes.Count == 0)
            throw new EpisodeSourceException(source.Path, "", "there is no episode");
        var schema = new ConversionSchema(source.Read(0), source.Path, source.Episodes[0], options);
        using var writer = RldsWriter.Open(dataFolder, info, schema.Features, new RldsWriteOptions { Overwrite = options.Overwrite, Source = Identity(source, options) });
        var seen = new Dictionary<string, long>();
        try
        {
            for (var i = 0; i < source.Episodes.Count; i++)
            {
                var entry = source.Episodes[i];
                var position = seen.GetValueOrDefault(entry.Split);
                seen[entry.Split] = position + 1;
                if (position < writer.Position(entry.Split))
                    continue;
                try
                {
                    writer.Write(entry.Split, schema.Columns(source.Read(i), source.Path, entry, cancellation));
                }
                catch (IOException e) when (options.OnSkipped is not null && e is EpisodeSourceException or Formats.CorruptFileException)
                {
                    options.OnSkipped(entry, e);
                    writer.Skip(entry.Split);
                }

                progress?.Report(new ConversionProgress(i + 1, source.Episodes.Count, entry.Name));
            }
        }
        catch (Exception e) when (e is EpisodeSourceException or Formats.CorruptFileException or OperationCanceledException)
        {
            writer.Checkpoint();
            throw;
        }

        return writer.Complete();
    }

    // All that decides about the records, so that no dataset is half of one and half of another.
    private static string Identity(IEpisodeSource source, ConversionOptions options) => JsonSerializer.Serialize(new
    {
        source.Format,
        source.Path,
        source.Episodes.Count,
        options.Images,
        options.SwapRedBlue,
        options.UpsideDown,
        options.Drop,
        options.Instruction,
        options.FramesPerSecond,
    });
}
