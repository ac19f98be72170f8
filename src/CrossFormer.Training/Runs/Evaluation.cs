// B batch · T window step · C action chunk · A action dim
using CrossFormer.Configuration;
using CrossFormer.Data.Mixtures;
using CrossFormer.Data.Trajectories;
using CrossFormer.Layers;
using CrossFormer.Statistics;
using CrossFormer.Text;
using CrossFormer.Training.Configuration;
using CrossFormer.Training.Losses;
using static TorchSharp.torch;

namespace CrossFormer.Training.Runs;

/// <summary>
/// A model's errors over whole validation splits, in robot units: every frame of every episode, by dimension, dataset and what
/// the model is told. Open loop: it says whether a model has learnt its data, not whether it succeeds.
/// </summary>
public static class Evaluation
{
    private const int BatchSize = 32;

    /// <summary>Predicts at every frame.</summary>
    /// <param name="model">The model.</param>
    /// <param name="configuration">Names the datasets, their split, and how they are prepared.</param>
    /// <param name="modes">What the model is told; null: what the configuration trains.</param>
    /// <param name="onEpisode">Given the first episodes of each dataset; null: nobody looks.</param>
    /// <param name="episodes">How many of each dataset.</param>
    /// <param name="cancellation">Stops between batches.</param>
    /// <exception cref="ConfigurationException">The model does not fit the datasets.</exception>
    public static IReadOnlyList<EvaluationResult> Run(
        CrossFormerModel model, TrainingConfiguration configuration, IReadOnlyList<ValidationMode>? modes = null,
        Action<EvaluatedEpisode>? onEpisode = null, int episodes = 0, CancellationToken cancellation = default)
    {
        var sources = new TrainingSources(configuration);
        using var text = configuration.TextEncoder?.Create() ?? sources.OwnTexts(cancellation);
        return Run(
            model, configuration, sources, [.. sources.All.Where(s => s.Weight > 0)], text ?? model.TextEncoder, modes ?? configuration.Data.TrainedModes, int.MaxValue, onEpisode,
            episodes, cancellation);
    }

    internal static IReadOnlyList<EvaluationResult> Run(
        CrossFormerModel model, TrainingConfiguration configuration, TrainingSources sources, IReadOnlyList<WeightedSource> datasets, ITextEncoder? text,
        IReadOnlyList<ValidationMode> modes, int frames, Action<EvaluatedEpisode>? onEpisode, int episodes, CancellationToken cancellation)
    {
        var tensors = new BatchTensors(text, model.Module.Parameters.Device, isSilent: !modes.Any(m => m is ValidationMode.TextConditioned or ValidationMode.Base));
        var results = new List<EvaluationResult>();
        var computation = new Computation { SkipMaskedFrames = true, MaskAbsentProprioception = configuration.MaskAbsentProprioception };
        foreach (var dataset in datasets)
        {
            var name = dataset.Source.Name;
            var head = configuration.Finetune?.Head ?? sources.Heads.FirstOrDefault(h => h.Value.Contains(name)).Key;
            if (head is null || !model.Module.Heads.TryGetValue(head, out var actionHead))
                throw new ConfigurationException("$.data.head_to_dataset", $"{name} is for the head '{head}', and the model has {string.Join(", ", model.Module.Heads.Keys)}");
            using var loader = new BatchLoader([dataset with { Weight = 1 }], sources.Validation(BatchSize, configuration.Seed, ordered: true));
            var (truth, prediction) = (loader.Statistics[name].Action, model.Statistics[name].Action);
            var sums = modes.ToDictionary(m => m, _ => new Sums(actionHead.Configuration.ActionHorizon, configuration.Data.Normalization, truth, prediction, onEpisode is null ? 0 : episodes));
            for (var read = 0; read < frames && loader.Read(cancellation) is { } batch; read += BatchSize)
            {
                using var scope = NewDisposeScope();
                using var none = no_grad();
                var inputs = OnlyWhatTheModelReads(tensors.Convert(batch), model);
                foreach (var (mode, sum) in sums)
                {
                    var told = tensors.Conditioned(inputs, mode);
                    sum.Add(batch, model.SampleActions(told.Observations, told.Tasks, head, computation).AsSpan<float>());
                }

                batch.Dispose();
            }

            foreach (var (mode, sum) in sums)
            {
                results.Add(sum.ToResult(name, mode, head));
                foreach (var episode in sum.Episodes(name, mode))
                    onEpisode!(episode);
            }
        }

        return results;
    }

    private static TrainingBatch OnlyWhatTheModelReads(TrainingBatch batch, CrossFormerModel model)
    {
        var shapes = model.Module.Shapes;
        return batch with
        {
            Observations = batch.Observations with { Values = batch.Observations.Values.Where(v => shapes.Observations.ContainsKey(v.Key)).ToDictionary() },
            Tasks = batch.Tasks with { Values = batch.Tasks.Values.Where(v => shapes.Tasks.ContainsKey(v.Key)).ToDictionary() },
        };
    }

    /// <summary>A chunk's actions, one array each, cut to the robot's dimensions; of a chunk longer than its statistics, as many as these tell.</summary>
    internal static float[][] InRobotUnits(Normalizer normalizer, ReadOnlySpan<float> chunk_CA, int width)
    {
        var rows = Math.Min(chunk_CA.Length / width, normalizer.MaxRows);
        var robot = new float[rows * normalizer.Dimension];
        normalizer.Inverse(chunk_CA[..(rows * width)], width, robot);
        return [.. robot.Chunk(normalizer.Dimension)];
    }

    /// <summary>Errors of one dataset in one mode, added up; of the first episodes, the predictions too.</summary>
    private sealed class Sums(int horizon, Normalization normalization, FeatureStatistics truth, FeatureStatistics prediction, int episodes)
    {
        private readonly Normalizer _truth = new(normalization, truth), _prediction = new(normalization, prediction);
        private readonly Mean _first = new(truth.Dimension), _chunk = new(truth.Dimension), _last = new(truth.Dimension), _mean = new(truth.Dimension);
        private readonly OrderedDictionary<int, List<(float[] Action, float[][] Chunk)>> _episodes = [];
        private readonly Dictionary<int, float[]> _before = []; // the last action of each episode
        private readonly float[] _meanAction = [.. truth.Mean.Take(truth.Dimension).Select(m => (float)m)];
        private int _frames;

        public void Add(Batch batch, ReadOnlySpan<float> predicted_BCA)
        {
            var actions = batch[TrajectoryNames.Action];
            var mask = batch[TrajectoryNames.ActionPadMask];
            var (window, rows, width) = (actions.Shape[1], actions.Shape[2], actions.Shape[3]);
            var modelWidth = predicted_BCA.Length / batch.Count / horizon;
            for (var b = 0; b < batch.Count; b++)
            {
                // The last step of the window is the present.
                var at = ((b * window) + window - 1) * rows * width;
                var isValid = mask.AsSpan<bool>().Slice(at, rows * width);
                var wanted = actions.AsSpan<float>().Slice(at, rows * width);
                // Whole chunks: statistics may tell the steps of a chunk apart.
                var chunk = InRobotUnits(_prediction, predicted_BCA.Slice(b * horizon * modelWidth, horizon * modelWidth), modelWidth);
                var actual = InRobotUnits(_truth, wanted, width);
                var first = actual[0];
                for (var c = 0; c < Math.Min(chunk.Length, actual.Length); c++)
                    _chunk.Add(chunk[c], actual[c], isValid.Slice(c * width, width));
                _first.Add(chunk[0], first, isValid);
                _mean.Add(_meanAction, first, isValid);
                var episode = batch.Origins[b].Episode;
                if (_before.TryGetValue(episode, out var before))
                    _last.Add(before, first, isValid);
                _before[episode] = first;
                _frames++;
                if (_episodes.TryGetValue(episode, out var steps))
                    steps.Add((first, chunk));
                else if (_episodes.Count < episodes)
                    _episodes.Add(episode, [(first, chunk)]);
            }
        }

        public EvaluationResult ToResult(string dataset, ValidationMode mode, string head) =>
            new(dataset, mode, head, _frames, _first.Value, _chunk.Value, _last.Value, _mean.Value);

        public IEnumerable<EvaluatedEpisode> Episodes(string dataset, ValidationMode mode) =>
            _episodes.Select(e => new EvaluatedEpisode(dataset, e.Key, mode, [.. e.Value.Select(s => s.Action)], [.. e.Value.Select(s => s.Chunk)]));
    }

    /// <summary>Mean absolute differences by dimension.</summary>
    private sealed class Mean(int dimension)
    {
        private readonly double[] _sum = new double[dimension];
        private readonly long[] _count = new long[dimension];

        public double[] Value => [.. _sum.Zip(_count, (s, n) => n == 0 ? double.NaN : s / n)];

        public void Add(ReadOnlySpan<float> guess, ReadOnlySpan<float> truth, ReadOnlySpan<bool> valid)
        {
            for (var d = 0; d < _sum.Length; d++)
            {
                if (!valid[d])
                    continue;
                _sum[d] += Math.Abs((double)guess[d] - truth[d]);
                _count[d]++;
            }
        }
    }
}
