using System.Runtime.InteropServices;
using CrossFormer.Arrays;
using CrossFormer.Statistics;

namespace CrossFormer.Data.Trajectories;

/// <summary>
/// Robot units to model units for the action and the proprioception of one dataset. Immutable and thread-safe. Source:
/// data/utils/data_utils.py, normalize_action_and_proprio.
/// </summary>
public sealed class TrajectoryNormalization
{
    private readonly (string Column, Normalizer Normalizer)[] _normalizers;

    /// <summary>Prepares a dataset's constants.</summary>
    /// <param name="source">What is normalised, and how.</param>
    /// <param name="statistics">The dataset's statistics; their masks are replaced by the source's, if it has one.</param>
    /// <exception cref="ArgumentException">The mask has another length than the action, or bounds lack percentiles.</exception>
    /// <exception cref="KeyNotFoundException">The statistics lack a feature.</exception>
    public TrajectoryNormalization(DatasetSource source, DatasetStatistics statistics)
    {
        Statistics = Masked(source, statistics);
        _normalizers = source.Normalization == Normalization.None ? [] :
        [
            .. source.Features.Where(f => !source.SkipNormalization.Contains(f)).Select(f => (
                f == TrajectoryNames.Action ? f : TrajectoryNames.Observation + f,
                new Normalizer(source.Normalization, Statistics[f]))),
        ];
    }

    /// <summary>The statistics with the mask that is in use: what a checkpoint must carry to undo the normalisation.</summary>
    public DatasetStatistics Statistics { get; }

    /// <summary>Normalises a trajectory in standard form.</summary>
    /// <exception cref="ArgumentException">A column's dimension is another than the statistics'.</exception>
    public Trajectory Apply(Trajectory trajectory)
    {
        foreach (var (column, normalizer) in _normalizers)
        {
            var values = trajectory.Numbers(column);
            if (values.Shape[^1] != normalizer.Dimension || (values.Shape.Length == 3 && values.Shape[1] > normalizer.MaxRows))
                throw new ArgumentException($"{trajectory.Dataset}: '{column}' is {values}, its statistics have {normalizer.Dimension} dimensions{(normalizer.MaxRows < int.MaxValue ? $" and {normalizer.MaxRows} rows" : "")} ({trajectory.Origin}).");
            var result = new byte[values.Bytes.Length];
            var from = values.AsSpan<float>();
            var to = MemoryMarshal.Cast<byte, float>(result.AsSpan());
            // Actions that come chunked have statistics of their own for each row of the chunk, so steps go one at a time.
            var block = values.Shape.Length == 3 ? values.Shape[1] * values.Shape[2] : from.Length;
            for (var i = 0; i < from.Length; i += block)
                normalizer.Forward(from.Slice(i, block), to.Slice(i, block));
            trajectory = trajectory.With(column, new NdArray(DType.Float32, values.Shape, result));
        }

        return trajectory;
    }

    private static DatasetStatistics Masked(DatasetSource source, DatasetStatistics statistics)
    {
        if (source.ActionNormalizationMask is not { } mask)
            return statistics;
        var action = statistics.Action;
        if (mask.Length != action.Dimension)
            throw new ArgumentException($"{source.Name}: the action's normalisation mask has {mask.Length} values, the action {action.Dimension} dimensions.", nameof(source));
        return new DatasetStatistics(
            statistics.Features.ToDictionary(f => f.Key, f => f.Key != DatasetStatistics.ActionName ? f.Value : new FeatureStatistics(action.Mean, action.Std, action.Rows)
            {
                Min = action.Min,
                Max = action.Max,
                P01 = action.P01,
                P99 = action.P99,
                Mask = mask,
            }),
            statistics.NumTransitions, statistics.NumTrajectories);
    }
}
