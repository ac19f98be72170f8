using CrossFormer.Policies;

namespace CrossFormer.Simulation.Episodes;

/// <summary>The task's expert behind the interface of a policy. It reads the simulation's state, not the observation.</summary>
/// <param name="environment">The robot that it drives; not owned.</param>
public sealed class ExpertPolicy(SimulatedEnvironment environment) : IPolicy
{
    /// <inheritdoc/>
    public EmbodimentProfile Profile => environment.Profile;

    /// <inheritdoc/>
    public void Reset(PolicyTask task)
    {
    }

    /// <inheritdoc/>
    public ActionChunk Predict(Observation observation) =>
        new(environment.ExpertAction(), Profile.Actions.Count, observation.Timestamp, Profile.Period);

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
