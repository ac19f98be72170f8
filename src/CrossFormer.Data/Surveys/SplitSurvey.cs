using CrossFormer.Data.Rlds;
using CrossFormer.Formats;

namespace CrossFormer.Data.Surveys;

/// <summary>A split as it was read.</summary>
/// <param name="Name">Its name, for example <c>train</c>.</param>
/// <param name="Promised">How many episodes dataset_info.json tells.</param>
/// <param name="Lengths">Steps of every episode that was read, in file order.</param>
public sealed record SplitSurvey(string Name, int Promised, IReadOnlyList<int> Lengths)
{
    /// <summary>Episodes that were read.</summary>
    public int Episodes => Lengths.Count;

    /// <summary>Their steps together.</summary>
    public long Steps { get; } = Lengths.Sum(l => (long)l);

    /// <summary>Reads the splits that have episodes from end to end: every checksum, every record.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="options">How much of it; null for all, ending at the first damaged record.</param>
    /// <param name="visit">Told of each episode: the split's name, its number there, and the episode.</param>
    /// <param name="cancellation">Stops the reading.</param>
    /// <returns>In the order of dataset_info.json.</returns>
    /// <exception cref="CorruptFileException">A record is damaged.</exception>
    /// <exception cref="FileNotFoundException">A shard is absent.</exception>
    public static IReadOnlyList<SplitSurvey> ReadAll(RldsDataset dataset, SurveyOptions? options = null, Action<string, int, RldsEpisode>? visit = null, CancellationToken cancellation = default)
    {
        options ??= new SurveyOptions();
        var splits = new List<SplitSurvey>();
        foreach (var split in dataset.Splits.Where(s => s.EpisodeCount > 0))
        {
            var lengths = new List<int>();
            foreach (var episode in dataset.ReadEpisodes(split.Name, options.Reading).Take(options.Most(split)))
            {
                cancellation.ThrowIfCancellationRequested();
                visit?.Invoke(split.Name, lengths.Count, episode);
                lengths.Add(episode.StepCount);
            }

            splits.Add(new SplitSurvey(split.Name, split.EpisodeCount, lengths));
        }

        return splits;
    }
}
