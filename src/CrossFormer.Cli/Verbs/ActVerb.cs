using System.CommandLine;
using CrossFormer.Arrays;
using CrossFormer.Cli.Acting;
using CrossFormer.Data.Rlds;
using CrossFormer.Images;
using CrossFormer.Policies;
using CrossFormer.Text;
using Spectre.Console;

namespace CrossFormer.Cli.Verbs;

/// <summary>Runs a policy over a recorded episode and compares what it predicts with what was done.</summary>
internal sealed class ActVerb : Verb
{
    private const int EpisodesForMean = 1000;

    private readonly Option<string?> _checkpoint = SharedOptions.Checkpoint();
    private readonly Option<string?> _dataset = SharedOptions.Dataset();
    private readonly Option<string> _split = new("--split") { Description = "split of the dataset, as TFDS writes it", HelpName = "SPLIT", DefaultValueFactory = _ => "train" };
    private readonly Option<int> _episode = new("--episode") { Description = "number of the episode, from 0", HelpName = "N" };
    private readonly Option<string?> _head = new("--head") { Description = "head of the model; the embodiment's by default", HelpName = "HEAD" };
    private readonly Option<string> _embodiment = new("--embodiment") { Description = "the robot: a name in configs/embodiments or a file", HelpName = "NAME|FILE", DefaultValueFactory = _ => "single_arm" };
    private readonly Option<string?> _statistics = new("--statistics") { Description = "dataset whose statistics bring actions to robot units", HelpName = "NAME" };
    private readonly Option<string?> _instruction = new("--instruction") { Description = "what to do; the episode's own instruction by default", HelpName = "TEXT" };
    private readonly Option<string?> _goal = new("--goal") { Description = "goal image: a step of the episode (-1: the last) or a JPEG or PNG file", HelpName = "STEP|FILE" };
    private readonly Option<string?> _text = new("--text-encoder") { Description = "table, configuration or folder; by default the encodings that the dataset carries", HelpName = "PATH" };
    private readonly Option<string?> _strategy = new("--strategy") { Description = "how chunks are executed: whole, receding:N or ensemble:W; the embodiment's by default", HelpName = "STRATEGY" };
    private readonly Option<string?> _precision = SharedOptions.Precision();
    private readonly Option<string> _device = SharedOptions.Device();
    private readonly Option<string> _out = new("--out") { Description = "where the report goes", HelpName = "FILE.html", DefaultValueFactory = _ => "act.html" };

    public ActVerb() : base("act", "runs a policy over a recorded episode and draws what it predicts", "./crossformer act --dataset ../shared/data/bridge --episode 3")
    {
        foreach (var option in (ReadOnlySpan<Option>)[_checkpoint, _dataset, _split, _episode, _head, _embodiment, _statistics, _instruction, _goal, _text, _strategy, _precision, _device, _out])
            Add(option);
    }

    protected override async Task<VerbResult> RunAsync(ParseResult arguments, Terminal terminal, CancellationToken cancellation)
    {
        var checkpoint = await CheckpointSource.ResolveAsync(arguments.GetValue(_checkpoint), terminal, cancellation);
        return await Task.Run(() => Run(arguments, checkpoint, terminal, cancellation), cancellation);
    }

    private Result Run(ParseResult arguments, string? checkpoint, Terminal terminal, CancellationToken cancellation)
    {
        if (arguments.GetValue(_instruction) is not null && arguments.GetValue(_goal) is not null)
            throw new UsageException("--instruction and --goal exclude each other.");
        var dataset = RldsDataset.Open(SharedOptions.DatasetFolder(arguments.GetValue(_dataset)));
        var (split, number) = (arguments.GetValue(_split)!, arguments.GetValue(_episode));
        var episode = ReadEpisode(dataset, split, number);
        var profile = PolicySource.Profile(arguments.GetValue(_embodiment)!);
        if (arguments.GetValue(_head) is { } head && head != profile.Head)
            profile = EmbodimentProfile.ShippedNames.Contains(head) ? PolicySource.Profile(head) : profile with { Head = head };
        var steps = RecordedEpisode.Steps(episode, profile);
        var page = SharedOptions.OutputFile(arguments.GetValue(_out)!);

        using var model = PolicySource.Open(checkpoint, PolicySource.Device(arguments.GetValue(_device)!));
        profile = AtTheModelsSize(profile, model);
        using var given = arguments.GetValue(_text) is { } path ? PolicySource.OpenText(path) : null;
        using var table = given is null ? DatasetTexts(dataset, episode) : null;
        var text = given ?? (table is not null && Fits(table, model) ? table : null);
        using var policy = new CrossFormerPolicy(model, profile, new PolicyOptions
        {
            Precision = PolicySource.Precision(arguments.GetValue(_precision)),
            Statistics = arguments.GetValue(_statistics),
            TextEncoder = text,
        });
        var task = ToTask(arguments, episode, steps, policy, knowsTexts: text is not null);
        var strategy = Strategy(arguments.GetValue(_strategy), profile);
        var result = terminal.Progress.Progress().AutoClear(true).Start(progress =>
        {
            var bar = progress.AddTask("predicting", maxValue: steps.Count);
            return OpenLoopEvaluation.Run(policy, task, steps, strategy, MeanAction(dataset), done => bar.Value = done, cancellation);
        });
        foreach (var note in policy.Notes)
            terminal.Note($"note: {note}");

        var notice = checkpoint is null ? PolicySource.UntrainedNotice : null;
        EpisodeReport.Create($"{dataset.Name} {split} {number}", notice,
        [
            ("checkpoint", checkpoint ?? "none (formula weights)"),
            ("task", task.ToString()),
            ("head", profile.Head),
            ("precision", policy.Precision.ToString()),
            ("strategy", strategy.GetType().Name),
            ("steps", steps.Count.ToString()),
        ], profile, steps, result).Save(page);
        return new Result(
            dataset.Name, number, steps.Count, result.MeanAbsoluteError, result.ExecutedError, result.LastActionError, result.MeanActionError,
            Percentile(result.Latencies, 0.5), Percentile(result.Latencies, 0.95), page)
        {
            Dimensions = [.. profile.Actions.Select(a => a.Name)],
            Notice = notice,
        };
    }

    private static RldsEpisode ReadEpisode(RldsDataset dataset, string split, int number)
    {
        try
        {
            return dataset.ReadEpisode(split, number);
        }
        catch (ArgumentException e)
        {
            throw new UsageException(e.Message);
        }
    }

    private static EmbeddingTable? DatasetTexts(RldsDataset dataset, RldsEpisode episode)
    {
        if (!dataset.Features.Any(f => f.Name.EndsWith("language_embedding", StringComparison.Ordinal)))
            return null;
        var entries = RecordedEpisode.Instructions(dataset.ReadEpisodes("all").Take(EpisodesForMean).Prepend(episode)).ToList();
        return entries.Count == 0 ? null : EmbeddingTable.Build(entries);
    }

    // A recording has no camera to configure: its frames are resized to whatever the model was trained on.
    private static EmbodimentProfile AtTheModelsSize(EmbodimentProfile profile, CrossFormerModel model) => profile with
    {
        Cameras = [.. profile.Cameras.Select(c => model.Module.Shapes.Observations.TryGetValue(c.Key, out var shape) && shape.Length == 3 ? c with { Height = shape[0], Width = shape[1] } : c)],
    };

    // A dataset's own encodings serve only a model that was trained on encodings of that size.
    private static bool Fits(EmbeddingTable table, CrossFormerModel model) =>
        model.Module.Shapes.Tasks.TryGetValue("language_instruction", out var shape) && shape[^1] == table.Dimension;

    private PolicyTask ToTask(ParseResult arguments, RldsEpisode episode, IReadOnlyList<RecordedStep> steps, CrossFormerPolicy policy, bool knowsTexts)
    {
        if (arguments.GetValue(_goal) is { } goal)
            return new PolicyTask(null, int.TryParse(goal, out var step) ? RecordedEpisode.Goal(steps, step, policy.GoalKeys) : GoalFile(goal, policy));
        if (arguments.GetValue(_instruction) is { } instruction)
            return new PolicyTask(instruction);
        if (knowsTexts && RecordedEpisode.Instruction(episode) is { } recorded)
            return new PolicyTask(recorded);
        if (policy.GoalKeys.Any())
            return new PolicyTask(null, RecordedEpisode.Goal(steps, -1, policy.GoalKeys));
        return new PolicyTask("");
    }

    private static Dictionary<string, NdArray> GoalFile(string path, CrossFormerPolicy policy)
    {
        if (!File.Exists(path))
            throw new UsageException($"--goal: expected a step's number or an image file, found no file {path}.");
        var image = ImageCodec.Decode(File.ReadAllBytes(path), name: path);
        return policy.GoalKeys.Take(1).ToDictionary(k => k, _ => image);
    }

    private static IExecutionStrategy Strategy(string? text, EmbodimentProfile profile)
    {
        if (text is null)
            return profile.Execution.CreateStrategy();
        var parts = text.Split(':');
        ExecutionOptions? options = parts switch
        {
            ["whole"] => new(),
            ["receding", var n] when int.TryParse(n, out var steps) && steps > 0 => new(ExecutionStrategyKind.RecedingHorizon, steps),
            ["ensemble"] => new(ExecutionStrategyKind.TemporalEnsembling),
            ["ensemble", var w] when double.TryParse(w, out var weight) => new(ExecutionStrategyKind.TemporalEnsembling, Weight: weight),
            _ => null,
        };
        return options?.CreateStrategy() ?? throw new UsageException($"--strategy: expected whole, receding:N or ensemble:W, found '{text}'.");
    }

    private static float[] MeanAction(RldsDataset dataset)
    {
        double[]? sum = null;
        long count = 0;
        foreach (var episode in dataset.ReadEpisodes("all").Take(EpisodesForMean))
        {
            if (episode.StepCount == 0)
                continue;
            var actions = episode.Steps.Array("action").ToDoubles();
            sum ??= new double[actions.Length / episode.StepCount];
            for (var i = 0; i < actions.Length; i++)
                sum[i % sum.Length] += actions[i];
            count += episode.StepCount;
        }

        return [.. (sum ?? []).Select(s => (float)(s / count))];
    }

    private static double Percentile(IReadOnlyList<double> values, double share) => values.Order().ElementAt((int)Math.Ceiling(share * values.Count) - 1);

    private sealed record Result(
        string Dataset, int Episode, int Steps, double[] Mae, double[] ExecutedMae, double[] BaselineLastAction, double[] BaselineMeanAction, double P50Ms, double P95Ms, string Report) : VerbResult
    {
        public required string[] Dimensions { get; init; }

        public string? Notice { get; init; }

        public override void WriteText(IAnsiConsole console)
        {
            if (Notice is not null)
                console.MarkupLineInterpolated($"[yellow]{Notice}[/]");
            console.MarkupLineInterpolated($"{Dataset}, episode {Episode}: {Steps} steps. Mean absolute error, robot units:");
            var table = Terminal.NewTable(console, "dimension", "first action", "as executed", "repeat last action", "dataset's mean");
            for (var d = 0; d < Mae.Length; d++)
                table.AddRow(Dimensions.ElementAtOrDefault(d) ?? d.ToString(), $"{Mae[d]:f4}", $"{ExecutedMae[d]:f4}", $"{BaselineLastAction[d]:f4}", $"{BaselineMeanAction[d]:f4}");
            console.Write(table);
            console.MarkupLineInterpolated($"Observation to chunk: median {P50Ms:f0} ms, 95th percentile {P95Ms:f0} ms.");
            console.MarkupLineInterpolated($"Report: {Report}");
        }
    }
}
