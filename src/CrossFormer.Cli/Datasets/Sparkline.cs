namespace CrossFormer.Cli.Datasets;

/// <summary>A histogram in a line of text.</summary>
internal static class Sparkline
{
    private const string Levels = " ▁▂▃▄▅▆▇█";

    /// <summary>One character for every two bars; whatever is not nothing shows.</summary>
    public static string Of(IReadOnlyList<long> bars)
    {
        var pairs = bars.Chunk(2).Select(p => p.Sum()).ToArray();
        var most = Math.Max(pairs.Max(), 1);
        return string.Concat(pairs.Select(p => Levels[(int)Math.Ceiling(p * (Levels.Length - 1.0) / most)]));
    }
}
