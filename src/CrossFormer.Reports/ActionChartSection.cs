namespace CrossFormer.Reports;

/// <summary>
/// Predicted chunks over the true actions: a small chart per action dimension with the true action as one line, and every
/// predicted chunk as a line that starts, with a dot, at the step where it was predicted. Values that are not finite are gaps.
/// </summary>
public sealed class ActionChartSection : ReportSection
{
    // More lines than this are a blot, and make the page heavy.
    private const int MaxChunks = 60;

    private readonly IReadOnlyList<string> _dimensions;
    private readonly float[][] _actions;
    private readonly PredictedChunk[] _chunks;
    private readonly int _every;

    /// <summary>Makes the charts.</summary>
    /// <param name="dimensions">The action dimensions' names.</param>
    /// <param name="actions">True actions, [step][dimension].</param>
    /// <param name="chunks">Predicted chunks, in any order; they may run past the last true action. At most 60, evenly chosen, are drawn.</param>
    /// <exception cref="ArgumentException">A row has another number of dimensions than there are names.</exception>
    public ActionChartSection(IReadOnlyList<string> dimensions, float[][] actions, IReadOnlyList<PredictedChunk> chunks)
    {
        foreach (var row in actions.Concat(chunks.SelectMany(c => c.Actions)))
        {
            if (row.Length != dimensions.Count)
                throw new ArgumentException($"An action has {row.Length} dimensions, expected {dimensions.Count} ({string.Join(", ", dimensions)}).");
        }

        (_dimensions, _actions) = (dimensions, actions);
        _every = Math.Max(1, (int)Math.Ceiling(chunks.Count / (double)MaxChunks));
        _chunks = [.. chunks.OrderBy(c => c.Step).Where((_, i) => i % _every == 0)];
    }

    /// <summary>What stands at the right above each chart, for example <c>MAE 0.012</c>; one per dimension, or none.</summary>
    public IReadOnlyList<string> Captions { get; init; } = [];

    private protected override string? NoteText => _every == 1 ? Note : $"{Note} One predicted chunk of every {_every} is drawn.".TrimStart();

    private protected override void WriteBody(HtmlWriter html)
    {
        html.Open("ul", "class", "legend");
        Key("true", "true action");
        Key("predicted", "predicted chunk, from the step of its prediction on");
        html.Close().Open("div", "class", "charts");
        for (var d = 0; d < _dimensions.Count; d++)
            WriteChart(html, d);
        html.Close();

        void Key(string kind, string text)
        {
            html.Open("li").Open("svg", "viewBox", "0 0 26 10", "aria-hidden", "true");
            html.Open("line", "class", kind, "x1", "1", "y1", "5", "x2", "25", "y2", "5").Close();
            html.Close().Text(text).Close();
        }
    }

    private void WriteChart(HtmlWriter html, int dimension)
    {
        var name = _dimensions[dimension];
        var last = Math.Max(_actions.Length - 1, _chunks.Select(c => c.Step + c.Actions.Length - 1).DefaultIfEmpty(0).Max());
        var values = _actions.Concat(_chunks.SelectMany(c => c.Actions)).Select(row => (double)row[dimension]).Where(double.IsFinite).ToArray();
        var panel = new ChartPanel(0, Math.Max(1, last), values.DefaultIfEmpty(0).Min(), values.DefaultIfEmpty(1).Max());
        html.Open("figure", "class", "chart").Open("figcaption").Text(name);
        if (dimension < Captions.Count)
            html.Element("span", Captions[dimension]);
        html.Close();
        var finite = _actions.Count(row => float.IsFinite(row[dimension]));
        panel.Open(html, $"{name} by step", $"{finite} true actions and {_chunks.Length} predicted chunks; values from {Ticks.Format(panel.Low)} to {Ticks.Format(panel.High)}.", "step");
        foreach (var chunk in _chunks)
        {
            panel.Line(html, "predicted", chunk.Step, Column(chunk.Actions), $"predicted at step {chunk.Step}");
            if (chunk.Actions.Length > 0)
                panel.Dot(html, "predicted", chunk.Step, chunk.Actions[0][dimension]);
        }

        panel.Line(html, "true", 0, Column(_actions), "true action");
        html.Close().Close();

        double[] Column(float[][] rows) => Array.ConvertAll(rows, row => (double)row[dimension]);
    }
}
