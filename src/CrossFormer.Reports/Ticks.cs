using System.Globalization;

namespace CrossFormer.Reports;

/// <summary>Round numbers for an axis.</summary>
internal static class Ticks
{
    /// <summary>Multiples of 1, 2 or 5 times a power of ten within [low, high], about <paramref name="wanted"/> of them.</summary>
    public static double[] Between(double low, double high, int wanted, bool whole = false)
    {
        var rough = (high - low) / wanted;
        var power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        var step = power * ((rough / power) switch { < 1.5 => 1, < 3.5 => 2, < 7.5 => 5, _ => 10 });
        if (whole)
            step = Math.Max(1, Math.Round(step));
        var first = (long)Math.Ceiling(low / step - 1e-9);
        var last = (long)Math.Floor(high / step + 1e-9);
        var ticks = new double[Math.Clamp(last - first + 1, 0, 100)];
        // Multiples, not sums: no rounding error creeps into the labels.
        for (var i = 0; i < ticks.Length; i++)
            ticks[i] = (first + i) * step;
        return ticks;
    }

    /// <summary>A short label: four significant digits, so that equally spaced ticks stay distinct.</summary>
    public static string Format(double value) =>
        (value == 0 ? 0 : value).ToString(Math.Abs(value) is >= 1e5 or (> 0 and < 1e-4) ? "0.##e0" : "0.#####", CultureInfo.InvariantCulture).Replace('-', '−');
}
