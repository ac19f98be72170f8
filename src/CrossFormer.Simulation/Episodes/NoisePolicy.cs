using CrossFormer.Policies;

namespace CrossFormer.Simulation.Episodes;

/// <summary>Actions drawn evenly from their range: what a success rate must be compared with. They follow from the episode's seed.</summary>
/// <param name="environment">The robot; every action dimension has a minimum and a maximum.</param>
/// <param name="seed">Makes other noise of the same episodes.</param>
public sealed class NoisePolicy(SimulatedEnvironment environment, int seed = 0) : IPolicy
{
    private Random _random = new(seed);

    /// <inheritdoc/>
    public EmbodimentProfile Profile => environment.Profile;

    /// <inheritdoc/>
    public void Reset(PolicyTask task) => _random = new Random(unchecked((environment.Seed * 7919) ^ seed));

    /// <inheritdoc/>
    public ActionChunk Predict(Observation observation) =>
        new(Actions(), Profile.Actions.Count, observation.Timestamp, Profile.Period);

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private float[] Actions() => [.. Profile.Actions.Select(a =>
        a is { Minimum: { } low, Maximum: { } high }
            ? low + (high - low) * _random.NextSingle()
            : throw new InvalidOperationException($"{Profile.Name}: noise needs the range of action '{a.Name}'."))];
}
