using CrossFormer.Data.Rlds;
using CrossFormer.Simulation.Episodes;

namespace CrossFormer.Cli.Simulated;

/// <summary>How one task's demonstrations went.</summary>
/// <param name="Episodes">Of the dataset, whichever run made them.</param>
/// <param name="Successes">In how many the task was done.</param>
/// <param name="Interval">Wilson's 95 % interval.</param>
/// <param name="Steps">Of the dataset.</param>
/// <param name="Dataset">The dataset's folder.</param>
internal sealed record DemonstrationOutcome(int Episodes, int Successes, double[] Interval, long Steps, string Dataset)
{
    /// <summary>Reads the outcome from a dataset.</summary>
    /// <param name="folder">The dataset's.</param>
    /// <param name="cancellation">Stops the reading.</param>
    public static DemonstrationOutcome Of(string folder, CancellationToken cancellation)
    {
        var (episodes, successes, steps) = (0, 0, 0L);
        foreach (var episode in RldsDataset.Open(folder).ReadEpisodes("train"))
        {
            cancellation.ThrowIfCancellationRequested();
            var succeeded = episode.Metadata.Array("episode_metadata/success").AsSpan<bool>()[0];
            (episodes, successes, steps) = (episodes + 1, successes + (succeeded ? 1 : 0), steps + episode.StepCount);
        }

        var interval = WilsonInterval.Of(successes, episodes);
        return new DemonstrationOutcome(episodes, successes, [interval.Low, interval.High], steps, folder);
    }
}
