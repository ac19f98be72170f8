using CrossFormer.Policies;

namespace CrossFormer.Simulation.Episodes;

/// <summary>Actions drawn evenly from their range: what a success rate must be compared with.</summary>
/// <param name="profile">The robot; every action dimension has a minimum and a maximum.</param>
/// <param name="seed">Decides the actions.</param>
public sealed class NoisePolicy(EmbodimentProfile profile, int seed) : IPolicy
{
    private readonly Random _random = new(seed);

    /// <inheritdoc/>
    public EmbodimentProfile Profile => profile;

    /// <inheritdoc/>
    public void Reset(PolicyTask task)
    {
    }

    /// <inheritdoc/>
    public ActionChunk Predict(Observation observation) =>
        new(Actions(), profile.Actions.Count, observation.Timestamp, profile.Period);

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private float[] Actions() => [.. profile.Actions.Select(a =>
        a is { Minimum: { } low, Maximum: { } high }
            ? low + (high - low) * _random.NextSingle()
            : throw new InvalidOperationException($"{profile.Name}: noise needs the range of action '{a.Name}'."))];
}
