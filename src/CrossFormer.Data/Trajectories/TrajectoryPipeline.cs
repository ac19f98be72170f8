using CrossFormer.Arrays;
using CrossFormer.Statistics;

namespace CrossFormer.Data.Trajectories;

/// <summary>
/// All that happens to an episode of one dataset before it is cut into frames, in the reference's order: standard form,
/// normalisation, filters, pad masks, padding, goals, head masks, task augmentation, chunks. Immutable and thread-safe.
/// Source: data/dataset.py.
/// </summary>
public sealed class TrajectoryPipeline
{
    private readonly TrajectoryOptions _options;
    private readonly TrajectoryNormalization _normalization;
    private readonly ChunkOptions _chunks;
    private readonly string[] _absent;

    /// <summary>Prepares a dataset's stage.</summary>
    /// <param name="source">The dataset.</param>
    /// <param name="statistics">Its statistics; see <see cref="StatisticsCache"/>.</param>
    /// <param name="options">What happens.</param>
    /// <exception cref="ArgumentException">The source's mask or statistics do not fit.</exception>
    public TrajectoryPipeline(DatasetSource source, DatasetStatistics statistics, TrajectoryOptions options)
    {
        (Source, _options) = (source, options);
        _normalization = new TrajectoryNormalization(source, statistics);
        _chunks = source.WindowOverride is { } window ? options.Chunks with { WindowOverride = window } : options.Chunks;
        _absent = options.MaskAbsentProprioception ? [.. source.ProprioKeys.Where(k => k.Value is null).Select(k => $"{TrajectoryNames.Observation}{TrajectoryNames.Proprio}_{k.Key}")] : [];
    }

    // What a random stream is used for. Each has its own, so that switching one thing on leaves the others' numbers.
    private enum Draw : ulong
    {
        Instruction, Goals, Rephrase, Conditioning, Order,
    }

    /// <summary>The dataset.</summary>
    public DatasetSource Source { get; }

    /// <summary>The statistics in use, with their mask.</summary>
    public DatasetStatistics Statistics => _normalization.Statistics;

    /// <summary>Transforms an episode.</summary>
    /// <param name="episode">Under the dataset's own names.</param>
    /// <param name="random">Decides all draws; the same stream gives the same trajectory.</param>
    /// <returns>Null when a filter rejects the episode, or nothing is left of it.</returns>
    public ChunkedTrajectory? Apply(Trajectory episode, RandomStream random)
    {
        foreach (var filter in Source.Filters)
        {
            if (!filter.Keep(episode))
                return null;
        }

        var trajectory = StandardForm.Apply(episode, Source, random.Fork((ulong)Draw.Instruction));
        if (trajectory.Length == 0)
            return null;
        trajectory = _normalization.Apply(trajectory);
        if (!Passes(trajectory))
            return null;
        trajectory = PadMasks.Add(trajectory, _absent);
        trajectory = DimensionPadding.PadAction(trajectory, _options.ActionDimension);
        trajectory = DimensionPadding.PadProprio(trajectory, Source.ProprioDimensions);
        if (_options.RelabelGoals)
        {
            trajectory = Source.GoalsAreLast
                ? GoalRelabeling.Last(trajectory)
                : GoalRelabeling.Uniform(trajectory, random.Fork((ulong)Draw.Goals), Source.MaxGoalDistance ?? _options.MaxGoalDistance);
        }

        trajectory = HeadMasks.Add(trajectory, _options.Heads);
        if (_options.Training && _options.Paraphrases is { } paraphrases)
            trajectory = TaskAugmentation.Rephrase(trajectory, random.Fork((ulong)Draw.Rephrase), paraphrases, _options.RephraseProbability);
        if (_options.Training && (Source.KeepImageProbability ?? _options.KeepImageProbability) is { } keep)
            trajectory = TaskAugmentation.DeleteConditioning(trajectory, random.Fork((ulong)Draw.Conditioning), keep);
        return new ChunkedTrajectory(trajectory, _chunks);
    }

    /// <summary>The frames of a trajectory that are used, in order: all, or <see cref="TrajectoryOptions.SubsampleLength"/> of them.</summary>
    /// <param name="length">The trajectory's frames.</param>
    /// <param name="random">As in <see cref="Apply"/>.</param>
    internal int[] Frames(int length, RandomStream random)
    {
        if (!_options.Training || _options.SubsampleLength is not { } limit || limit >= length)
            return [.. Enumerable.Range(0, length)];
        var frames = random.Fork((ulong)Draw.Order).Permutation(length)[..limit];
        Array.Sort(frames);
        return frames;
    }

    private bool Passes(Trajectory trajectory)
    {
        const string language = TrajectoryNames.Task + TrajectoryNames.Language;
        if (_options.SkipUnlabeled)
        {
            if (!trajectory.Contains(language))
                throw new ArgumentException($"{Source.Name}: unlabelled trajectories shall be skipped, but the dataset has no instructions ({nameof(DatasetSource.LanguageKey)} is not set).");
            if (trajectory.Texts(language).Values.All(v => v.IsEmpty))
                return false;
        }

        return (_options.MaxAction is not { } maxAction || Within(trajectory.Numbers(TrajectoryNames.Action), maxAction)) &&
            (_options.MaxProprio is not { } maxProprio || trajectory.Names.Where(TrajectoryNames.IsProprio).All(n => Within(trajectory.Numbers(n), maxProprio)));
    }

    // Written so that a value that is no number fails, as it does in the reference.
    private static bool Within(NdArray values, float limit)
    {
        foreach (var value in values.AsSpan<float>())
        {
            if (!(Math.Abs(value) <= limit))
                return false;
        }

        return true;
    }
}
