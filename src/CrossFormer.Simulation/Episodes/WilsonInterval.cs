namespace CrossFormer.Simulation.Episodes;

/// <summary>Where a success rate lies with 95 % confidence, by Wilson's formula: right for few episodes and for rates near 0 and 1.</summary>
/// <param name="Low">0 to 1.</param>
/// <param name="High">0 to 1.</param>
public readonly record struct WilsonInterval(double Low, double High)
{
    private const double Z = 1.959963984540054; // 97.5 % point of the normal distribution

    /// <summary>The interval for <paramref name="successes"/> of <paramref name="trials"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are no trials, or more successes than trials.</exception>
    public static WilsonInterval Of(int successes, int trials)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(trials);
        ArgumentOutOfRangeException.ThrowIfNegative(successes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(successes, trials);
        var (p, n) = ((double)successes / trials, (double)trials);
        var center = (p + Z * Z / (2 * n)) / (1 + Z * Z / n);
        var half = Z / (1 + Z * Z / n) * Math.Sqrt(p * (1 - p) / n + Z * Z / (4 * n * n));
        // All or none: the bound is exact, not off by rounding.
        return new(successes == 0 ? 0 : center - half, successes == trials ? 1 : center + half);
    }
}
