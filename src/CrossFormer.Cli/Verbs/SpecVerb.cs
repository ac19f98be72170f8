using System.CommandLine;
using CrossFormer.Arrays;
using CrossFormer.Checkpoints.Hub;
using Spectre.Console;

namespace CrossFormer.Cli.Verbs;

/// <summary>Shows what a model takes and gives. Reads the description only: the parameters may be absent.</summary>
internal sealed class SpecVerb : Verb
{
    private readonly Argument<string> _checkpoint = SharedOptions.CheckpointArgument();

    public SpecVerb() : base("spec", "shows what a checkpoint's model expects and predicts", "./crossformer spec tests/Goldens/checkpoints/full") =>
        Add(_checkpoint);

    protected override async Task<VerbResult> RunAsync(ParseResult arguments, Terminal terminal, CancellationToken cancellation)
    {
        var folder = await CheckpointSource.ResolveAsync(arguments.GetRequiredValue(_checkpoint), CheckpointParts.Description, step: null, terminal, cancellation);
        using var model = CrossFormerModel.Untrained(folder);
        return new Result(model.GetSpec());
    }

    /// <summary>The spec, in the reference's words.</summary>
    internal sealed record Result : VerbResult
    {
        private readonly ModelSpec _spec;

        public Result(ModelSpec spec) => _spec = spec;

        public long Parameters => _spec.Parameters;

        public int WindowSize => _spec.WindowSize;

        public int MaxHorizon => _spec.MaxHorizon;

        public IReadOnlyDictionary<string, HeadSpec> Heads => _spec.Heads;

        public Dictionary<string, int?[]> Observations => _spec.Observations.ToDictionary(o => o.Key, o => o.Value.Shape);

        public Dictionary<string, int?[]> Tasks => _spec.Tasks.ToDictionary(t => t.Key, t => t.Value.Shape);

        public Dictionary<string, string> ObservationTypes => _spec.Observations.ToDictionary(o => o.Key, o => o.Value.Type.NumpyName());

        public Dictionary<string, string> TaskTypes => _spec.Tasks.ToDictionary(t => t.Key, t => t.Value.Type.NumpyName());

        public IReadOnlyList<TokenizerSpec> Tokenizers => _spec.Tokenizers;

        public IReadOnlyList<string> Datasets => _spec.Datasets;

        public override void WriteText(IAnsiConsole console)
        {
            if (!console.Profile.Out.IsTerminal)
            {
                console.Write(_spec.ToString());
                return;
            }

            console.MarkupLineInterpolated($"[bold]{Parameters:N0}[/] parameters; history of up to [bold]{WindowSize}[/] steps (position embeddings for {MaxHorizon}).");
            Write("observation", ["shape"], _spec.Observations.Select(o => new[] { o.Key, o.Value.ToString() }));
            Write("task", ["shape"], _spec.Tasks.Select(t => new[] { t.Key, t.Value.ToString() }));
            Write("tokenizer", ["module", "tokens", "of"], _spec.Tokenizers.Select(t => new[]
            {
                t.Name, t.Kind, t.Tokens?.ToString() ?? "none: its inputs were not in the example batch", string.Join(", ", t.Inputs),
            }));
            Write("head", ["actions", "dimensions", "reads", "loss"], _spec.Heads.Select(h => new[]
            {
                h.Key, h.Value.ActionHorizon.ToString(), h.Value.ActionDim.ToString(), h.Value.ReadoutKey, h.Value.Loss,
            }));
            if (Datasets.Count > 0)
                console.MarkupLineInterpolated($"Statistics of [bold]{Datasets.Count}[/] datasets: {string.Join(", ", Datasets)}");

            void Write(string subject, string[] columns, IEnumerable<string[]> rows)
            {
                var table = Terminal.NewTable(console, [subject, .. columns]);
                foreach (var row in rows)
                    table.AddRow([.. row.Select(Markup.Escape)]);
                if (table.Rows.Count > 0)
                    console.Write(table);
            }
        }
    }
}
