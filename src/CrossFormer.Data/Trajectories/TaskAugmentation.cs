using CrossFormer.Arrays;

namespace CrossFormer.Data.Trajectories;

/// <summary>Random changes of the task in training. Source: data/utils/task_augmentation.py.</summary>
public static class TaskAugmentation
{
    private const string LanguageColumn = TrajectoryNames.Task + TrajectoryNames.Language;

    /// <summary>
    /// Leaves every step either its goal images or its instruction, never both. Steps without instruction keep their images;
    /// trajectories without goal images keep their instructions. Where the images go, the goal becomes the last step.
    /// Nothing happens unless there are both.
    /// </summary>
    /// <param name="trajectory">With pad masks, after goal relabelling.</param>
    /// <param name="random">Decides.</param>
    /// <param name="keepImageProbability">How often the images stay, 0 to 1.</param>
    public static Trajectory DeleteConditioning(Trajectory trajectory, RandomStream random, double keepImageProbability)
    {
        var images = trajectory.Names.Where(n =>
            n.StartsWith(TrajectoryNames.Task + TrajectoryNames.Image, StringComparison.Ordinal) ||
            n.StartsWith(TrajectoryNames.Task + TrajectoryNames.Depth, StringComparison.Ordinal)).ToArray();
        if (images.Length == 0 || !trajectory.Contains(LanguageColumn))
            return trajectory;
        var anyImage = images.Any(name => trajectory.Numbers(MaskOf(name)).AsSpan<bool>().Contains(true));
        var hasText = trajectory.Numbers(MaskOf(LanguageColumn));
        var keepImages = new bool[trajectory.Length];
        for (var t = 0; t < keepImages.Length; t++)
            keepImages[t] = (random.NextDouble() < keepImageProbability || !hasText.AsSpan<bool>()[t]) && anyImage;
        var result = trajectory;
        foreach (var name in images)
            result = KeepWhere(result, name, keepImages, true);
        result = KeepWhere(result, LanguageColumn, keepImages, false);
        const string timestep = TrajectoryNames.Task + TrajectoryNames.Timestep;
        var goals = trajectory.Numbers(timestep).AsSpan<int>().ToArray();
        for (var t = 0; t < goals.Length; t++)
            goals[t] = keepImages[t] ? goals[t] : goals.Length - 1;
        return result.With(timestep, NdArray.From(goals, goals.Length));
    }

    /// <summary>
    /// Says the instruction in other words: with the probability given, every step of the trajectory takes one of the
    /// instruction itself and its paraphrases. Trajectories with a step without instruction stay.
    /// </summary>
    /// <param name="trajectory">Before <see cref="DeleteConditioning"/>.</param>
    /// <param name="random">Decides and draws.</param>
    /// <param name="paraphrases">By instruction.</param>
    /// <param name="probability">0 to 1.</param>
    /// <remarks>
    /// The reference joins all texts by '.' and splits them again, which turns the full stops of an instruction into further,
    /// possibly empty, candidates; here a paraphrase is what the file lists.
    /// </remarks>
    public static Trajectory Rephrase(Trajectory trajectory, RandomStream random, Paraphrases paraphrases, double probability)
    {
        if (!trajectory.Contains(LanguageColumn) || trajectory.Length == 0)
            return trajectory;
        var texts = trajectory.Texts(LanguageColumn);
        if (random.NextDouble() >= probability || texts.Values.Any(v => v.IsEmpty) || paraphrases.Of(texts.Text(0)) is not { Count: > 0 } others)
            return trajectory;
        ReadOnlyMemory<byte>[] candidates = [texts.Values[0], .. others];
        var chosen = new ReadOnlyMemory<byte>[trajectory.Length];
        for (var t = 0; t < chosen.Length; t++)
            chosen[t] = candidates[random.NextInt(candidates.Length)];
        return trajectory.With(LanguageColumn, new TrajectoryTexts(chosen));
    }

    private static string MaskOf(string name) => TrajectoryNames.Task + TrajectoryNames.PadMask + name[TrajectoryNames.Task.Length..];

    private static Trajectory KeepWhere(Trajectory trajectory, string name, bool[] flags, bool value)
    {
        var values = trajectory[name] is TrajectoryImages images ? images.Encoded : trajectory.Texts(name).Values;
        var (kept, mask) = (new ReadOnlyMemory<byte>[flags.Length], trajectory.Numbers(MaskOf(name)).AsSpan<bool>().ToArray());
        for (var t = 0; t < flags.Length; t++)
        {
            if (flags[t] == value)
                kept[t] = values[t];
            else
                mask[t] = false;
        }

        return trajectory
            .With(name, trajectory[name] is TrajectoryImages ? new TrajectoryImages(kept) : new TrajectoryTexts(kept))
            .With(MaskOf(name), NdArray.From(mask, mask.Length));
    }
}
