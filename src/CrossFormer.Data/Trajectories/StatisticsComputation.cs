using CrossFormer.Arrays;
using CrossFormer.Statistics;

namespace CrossFormer.Data.Trajectories;

/// <summary>
/// Mean, population deviation, extremes and percentiles of a dataset's action and proprioception, over all splits, in robot
/// units. Percentiles interpolate linearly between the two nearest of all values, so all values are kept: 4 bytes each.
/// </summary>
public static class StatisticsComputation
{
    /// <summary>Reads the whole dataset and computes its statistics.</summary>
    /// <param name="source">The dataset.</param>
    /// <param name="arithmetic">How sums run.</param>
    /// <param name="progress">Told the number of episodes read so far.</param>
    /// <param name="cancellation">Stops the reading.</param>
    /// <exception cref="InvalidOperationException">No episode is left to compute from, or the episodes' shapes differ.</exception>
    /// <exception cref="Formats.CorruptFileException">A record is damaged.</exception>
    public static DatasetStatistics Compute(
        DatasetSource source, StatisticsArithmetic arithmetic = StatisticsArithmetic.Exact, IProgress<long>? progress = null, CancellationToken cancellation = default)
    {
        var features = source.Features.ToDictionary(f => f, _ => new Feature());
        var (transitions, trajectories, read) = (0L, 0L, 0L);
        // Images are never decoded here, nor even cut out of the record, except by transforms that ask for them.
        var random = new RandomStream(0);
        foreach (var episode in source.Dataset.ReadEpisodes("all", source.ReadOptions))
        {
            cancellation.ThrowIfCancellationRequested();
            var trajectory = Trajectory.From(episode, source.Name);
            progress?.Report(++read);
            if (!source.Filters.All(f => f.Keep(trajectory)))
                continue;
            var standard = StandardForm.Apply(trajectory, source, random);
            if (standard.Length == 0)
                continue;
            foreach (var (name, feature) in features)
            {
                var values = standard.Numbers(name == TrajectoryNames.Action ? name : TrajectoryNames.Observation + name);
                feature.Add(values, $"{source.Name}: '{name}' ({standard.Origin})");
                if (arithmetic == StatisticsArithmetic.Reference && trajectories == 0 && name != TrajectoryNames.Action)
                    feature.Add(values, name);
            }

            transitions += standard.Length;
            trajectories++;
        }

        if (trajectories == 0)
            throw new InvalidOperationException($"{source.Name} has no episodes to compute statistics from{(read > 0 ? $": none of {read} was kept by its filters" : "")}.");
        return new DatasetStatistics(features.ToDictionary(f => f.Key, f => f.Value.Summarize(arithmetic)), transitions, trajectories);
    }

    private sealed class Feature
    {
        private readonly List<float[]> _blocks = [];
        private int[]? _shape;

        public void Add(NdArray values, string what)
        {
            var shape = values.Shape[1..];
            if (!(_shape ??= shape).AsSpan().SequenceEqual(shape))
                throw new InvalidOperationException($"{what} is {values}; earlier episodes have [steps,{string.Join(',', _shape)}].");
            _blocks.Add(values.AsSpan<float>().ToArray());
        }

        public FeatureStatistics Summarize(StatisticsArithmetic arithmetic)
        {
            var width = NdArray.ElementCount(_shape);
            var rows = _shape!.Length > 1 ? _shape[0] : 1;
            var count = _blocks.Sum(b => b.Length) / Math.Max(width, 1);
            var (mean, std, min, max, p01, p99) = (new double[width], new double[width], new double[width], new double[width], new double[width], new double[width]);
            var column = new float[count];
            for (var d = 0; d < width; d++)
            {
                var i = 0;
                foreach (var block in _blocks)
                {
                    for (var at = d; at < block.Length; at += width)
                        column[i++] = block[at];
                }

                (mean[d], std[d]) = arithmetic == StatisticsArithmetic.Exact ? Moments(column) : SingleMoments(column);
                Array.Sort(column);
                (min[d], max[d]) = (column[0], column[^1]);
                (p01[d], p99[d]) = (Quantile(column, 0.01), Quantile(column, 0.99));
            }

            return new FeatureStatistics(mean, std, rows) { Min = min, Max = max, P01 = p01, P99 = p99 };
        }

        private static (double Mean, double Std) Moments(float[] values)
        {
            var sum = 0.0;
            foreach (var v in values)
                sum += v;
            var (mean, squares) = (sum / values.Length, 0.0);
            foreach (var v in values)
                squares += (v - mean) * (v - mean);
            return (mean, Math.Sqrt(squares / values.Length));
        }

        // numpy sums float32 columns one after the other.
        private static (double Mean, double Std) SingleMoments(float[] values)
        {
            var sum = 0f;
            foreach (var v in values)
                sum += v;
            var (mean, squares) = (sum / values.Length, 0f);
            foreach (var v in values)
                squares += (v - mean) * (v - mean);
            return (mean, MathF.Sqrt(squares / values.Length));
        }

        private static double Quantile(float[] sorted, double q)
        {
            var position = q * (sorted.Length - 1);
            var low = (int)position;
            var high = Math.Min(low + 1, sorted.Length - 1);
            return sorted[low] + ((sorted[high] - (double)sorted[low]) * (position - low));
        }
    }
}
