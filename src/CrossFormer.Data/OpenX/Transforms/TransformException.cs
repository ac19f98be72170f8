using CrossFormer.Data.Trajectories;

namespace CrossFormer.Data.OpenX;

/// <summary>An episode is not as its dataset's configuration describes it. Says which dataset, what is wrong, and where the episode lies.</summary>
public sealed class TransformException : Exception
{
    /// <summary>Builds the message <c>DATASET: PROBLEM (ORIGIN)</c>.</summary>
    /// <param name="trajectory">The episode.</param>
    /// <param name="problem">What was expected and what was found.</param>
    /// <param name="inner">The cause.</param>
    public TransformException(Trajectory trajectory, string problem, Exception? inner = null)
        : base($"{trajectory.Dataset}: {problem}{(trajectory.Origin.Length > 0 ? $" ({trajectory.Origin})" : "")}", inner) => Dataset = trajectory.Dataset;

    /// <summary>The dataset.</summary>
    public string Dataset { get; }
}
