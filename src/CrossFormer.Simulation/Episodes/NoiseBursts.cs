namespace CrossFormer.Simulation.Episodes;

/// <summary>Disturbances that push a robot off its way for a few steps on end, in one direction: what single noisy steps do not do.</summary>
/// <param name="random">Decides when and where.</param>
/// <param name="deviations">Standard deviation by action dimension.</param>
/// <param name="share">Share of disturbed steps, 0 to below 1; nearly so: 0.2 becomes 0.21, 0.5 becomes 0.55, for a burst may begin where the last one ends.</param>
internal sealed class NoiseBursts(Random random, IReadOnlyList<float> deviations, double share)
{
    private const int Shortest = 3, Longest = 8;

    // A burst has 5.5 steps in the mean; begun with this chance after a calm step, the share of disturbed steps would come out.
    private readonly double _chance = share / ((1 - share) * (Shortest + Longest) / 2.0);
    private readonly float[] _push = new float[deviations.Count];
    private int _left;

    /// <summary>Adds the disturbance of this step, if any.</summary>
    public void Disturb(float[] action)
    {
        if (_left == 0 && random.NextDouble() < _chance)
        {
            _left = random.Next(Shortest, Longest + 1);
            for (var d = 0; d < _push.Length; d++)
                _push[d] = (float)(deviations[d] * Normal());
        }

        if (_left == 0)
            return;
        _left--;
        for (var d = 0; d < action.Length; d++)
            action[d] += _push[d];
    }

    private double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
