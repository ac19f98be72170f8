namespace CrossFormer.Reports;

/// <summary>How large a chart is drawn, in pixels of its own, and how many labels its axes have room for.</summary>
internal sealed record ChartSize(double Width, double Height, double Left, int XTicks, int YTicks)
{
    /// <summary>A chart to read values from.</summary>
    public static ChartSize Full { get; } = new(360, 190, 44, 6, 4);

    /// <summary>One of many, to compare shapes.</summary>
    public static ChartSize Small { get; } = new(220, 104, 8, 3, 0);
}
