using CrossFormer.Policies;

namespace CrossFormer.Simulation.Tests.Episodes;

/// <summary>Chunks of three whose actions tell the observation's step and the place in the chunk: 10 · step + place.</summary>
internal sealed class CountingPolicy(EmbodimentProfile profile) : IPolicy
{
    public EmbodimentProfile Profile => profile;

    public void Reset(PolicyTask task)
    {
    }

    public ActionChunk Predict(Observation observation)
    {
        var step = (float)Math.Round(observation.Timestamp / Profile.Period);
        return new(new[] { 10 * step, 10 * step + 1, 10 * step + 2 }, 1, observation.Timestamp, Profile.Period);
    }

    public void Dispose()
    {
    }
}
