using System.Runtime.InteropServices;
using CrossFormer.Arrays;
using CrossFormer.Data.Tests.Mixtures;
using CrossFormer.Data.Trajectories;
using CrossFormer.Formats;
using CrossFormer.Statistics;

namespace CrossFormer.Data.Tests.Trajectories;

/// <summary>What happens to a trajectory before it is cut into frames, piece by piece, against what is worked out by hand.</summary>
public sealed class TrajectoryStageTests
{
    private const int Steps = 6;

    [Fact]
    public void LastGoals_AreTheLastStepWithItsImage()
    {
        var relabelled = GoalRelabeling.Last(Episode());
        Assert.Equal(Enumerable.Repeat(Steps - 1, Steps), relabelled.Numbers("task/timestep").AsSpan<int>().ToArray());
        Assert.All(relabelled.Images("task/image_primary").Encoded, image => Assert.Equal(Steps - 1, image.Span[0]));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(1)]
    [InlineData(3)]
    public void Goals_AreUniformFromTheStepItselfUpToTheDistance(int? distance)
    {
        var counts = new int[Steps, Steps];
        for (var seed = 0UL; seed < 600; seed++)
        {
            var relabelled = GoalRelabeling.Uniform(Episode(), new RandomStream(seed), distance);
            var goals = relabelled.Numbers("task/timestep").AsSpan<int>();
            // All observations of the goal's step come along, with their masks.
            Assert.Equal(goals.ToArray().Select(g => 10f * g), relabelled.Numbers("task/proprio_arm").ToSingles().Where((_, i) => i % 2 == 0));
            Assert.Equal(goals[2], relabelled.Images("task/image_primary").Encoded[2].Span[0]);
            Assert.True(relabelled.Contains("task/pad_mask_dict/image_primary"));
            for (var t = 0; t < Steps; t++)
                counts[t, goals[t]]++;
        }

        for (var t = 0; t < Steps; t++)
        {
            var end = Math.Min(Steps, t + (distance ?? Steps));
            for (var goal = 0; goal < Steps; goal++)
            {
                var expected = goal >= t && goal < end ? 600.0 / (end - t) : 0;
                // Five standard deviations of a binomial.
                Assert.InRange(counts[t, goal], expected - 5 * Math.Sqrt(expected), expected + 5 * Math.Sqrt(expected));
            }
        }
    }

    [Fact]
    public void Padding_FillsWithZerosAndTheMaskTellsWhich()
    {
        var padded = DimensionPadding.PadAction(Episode(), 4);
        Assert.Equal([0, 1, 0, 0, 2, 3, 0, 0], padded.Numbers("action").ToSingles()[..8]);
        Assert.Equal([true, true, false, false], padded.Numbers("action_pad_mask").AsSpan<bool>()[..4]);
        Assert.Equal([Steps, 3], DimensionPadding.PadProprio(Episode(), new Dictionary<string, int> { ["arm"] = 3, ["none"] = 9 }).Numbers("observation/proprio_arm").Shape);
        Assert.Contains("has 2 dimensions, more than the 1", Assert.Throws<ArgumentException>(() => DimensionPadding.PadAction(Episode(), 1)).Message);
        Assert.Throws<ArgumentException>(() => DimensionPadding.PadProprio(Episode(), new Dictionary<string, int> { ["arm"] = 1 }));
    }

    [Fact]
    public void PadMasks_AreFalseForEmptyTextsAndImagesOnly()
    {
        var episode = PadMasks.Add(Bare().With("task/language_instruction", new TrajectoryTexts(["a", "", "b", "", "", "c"])).With("observation/image_high", TrajectoryImages.Blank(Steps)));
        Assert.Equal([true, false, true, false, false, true], episode.Numbers("task/pad_mask_dict/language_instruction").AsSpan<bool>());
        Assert.All(episode.Numbers("observation/pad_mask_dict/image_high").AsSpan<bool>().ToArray(), Assert.False);
        Assert.All(episode.Numbers("observation/pad_mask_dict/proprio_arm").AsSpan<bool>().ToArray(), Assert.True);
        Assert.All(PadMasks.Add(Bare(), ["observation/proprio_arm"]).Numbers("observation/pad_mask_dict/proprio_arm").AsSpan<bool>().ToArray(), Assert.False);
    }

    [Fact]
    public void HeadMasks_FollowTheDatasetsName()
    {
        var masked = HeadMasks.Add(Episode(), new Dictionary<string, IReadOnlyList<string>> { ["arm"] = ["toy", "other"], ["nav"] = ["other"] });
        Assert.All(masked.Numbers("action_head_masks/arm").AsSpan<bool>().ToArray(), Assert.True);
        Assert.All(masked.Numbers("action_head_masks/nav").AsSpan<bool>().ToArray(), Assert.False);
        Assert.True(HeadMasks.Add(Episode(), null).Contains("action_head_masks/action"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.3)]
    [InlineData(1)]
    public void Conditioning_IsByImageOrInstructionNeverBoth(double keepImage)
    {
        var (kept, total) = (0, 0);
        for (var seed = 0UL; seed < 300; seed++)
        {
            var relabelled = GoalRelabeling.Uniform(Episode(), new RandomStream(seed));
            var deleted = TaskAugmentation.DeleteConditioning(relabelled, new RandomStream(seed + 1), keepImage);
            for (var t = 0; t < Steps; t++)
            {
                var (image, text) = (deleted.Images("task/image_primary").Encoded[t], deleted.Texts("task/language_instruction").Values[t]);
                Assert.NotEqual(image.IsEmpty, text.IsEmpty);
                Assert.Equal(!image.IsEmpty, deleted.Numbers("task/pad_mask_dict/image_primary").AsSpan<bool>()[t]);
                Assert.Equal(!text.IsEmpty, deleted.Numbers("task/pad_mask_dict/language_instruction").AsSpan<bool>()[t]);
                // An instruction's goal is the end of the episode.
                Assert.Equal(image.IsEmpty ? Steps - 1 : relabelled.Numbers("task/timestep").AsSpan<int>()[t], deleted.Numbers("task/timestep").AsSpan<int>()[t]);
                (kept, total) = (kept + (image.IsEmpty ? 0 : 1), total + 1);
            }
        }

        Assert.InRange(kept / (double)total, keepImage - 0.06, keepImage + 0.06);
    }

    [Fact]
    public void Conditioning_LeavesTheImageWhereThereIsNoInstruction()
    {
        var episode = PadMasks.Add(Bare().With("task/language_instruction", TrajectoryTexts.Repeat("", Steps)));
        var deleted = TaskAugmentation.DeleteConditioning(GoalRelabeling.Uniform(episode, new RandomStream(1)), new RandomStream(2), keepImageProbability: 0);
        Assert.All(deleted.Images("task/image_primary").Encoded, i => Assert.False(i.IsEmpty));
    }

    [Fact]
    public void Paraphrases_ComeFromAFileAndTakeTheirTurn()
    {
        using var folder = new TemporaryFolder();
        var paraphrases = Paraphrases.Read(folder.Write("p.json", """{ "lift": ["raise", "pick up"], "drop": "let go. release." }"""u8));
        var episode = Bare().With("task/language_instruction", TrajectoryTexts.Repeat("lift", Steps));
        var texts = Enumerable.Range(0, 40).SelectMany(s => Said(TaskAugmentation.Rephrase(episode, new RandomStream((ulong)s), paraphrases, 1))).ToHashSet();
        Assert.Equal(["lift", "pick up", "raise"], texts.Order());
        Assert.Equal(["lift"], Said(TaskAugmentation.Rephrase(episode, new RandomStream(1), paraphrases, 0)).Distinct());
        Assert.Equal(2, paraphrases.Of("drop").Count);
        Assert.Empty(paraphrases.Of("wave"));
        Assert.Throws<CorruptFileException>(() => Paraphrases.Read(folder.Write("q.json", """["lift"]"""u8)));

        static IEnumerable<string> Said(Trajectory trajectory) => Enumerable.Range(0, Steps).Select(trajectory.Texts("task/language_instruction").Text);
    }

    // Every window and horizon against the plainest way to write it down.
    [Fact]
    public void Chunks_EqualAPlainModel()
    {
        foreach (var (window, horizon, completion) in from w in new[] { 1, 2, 5, 9 } from h in new[] { 1, 3, 8 } from c in Enum.GetValues<TaskCompletion>() select (w, h, c))
        {
            var trajectory = GoalRelabeling.Uniform(DimensionPadding.PadAction(Episode(), 3), new RandomStream(7));
            var goals = trajectory.Numbers("task/timestep").AsSpan<int>().ToArray();
            var chunked = new ChunkedTrajectory(trajectory, new ChunkOptions { Window = window, Horizon = horizon, Completion = completion });
            for (var t = 0; t < Steps; t++)
            {
                var (actions, masks, pads, completed) = (new List<float>(), new List<bool>(), new List<bool>(), new List<bool>());
                for (var w = 0; w < window; w++)
                {
                    pads.Add(t - window + 1 + w >= 0);
                    for (var h = 0; h < horizon; h++)
                    {
                        var source = Math.Min(Math.Max(t - window + 1 + w, 0) + h, Steps - 1);
                        var isDone = goals[t] - (t - (completion == TaskCompletion.Reference ? window + 1 : window - 1) + w + h) <= 0;
                        completed.Add(isDone);
                        actions.AddRange([2 * source, 2 * source + 1, 0]);
                        masks.AddRange([!isDone, !isDone, false]);
                    }
                }

                Assert.Equal(actions, Field<float>(chunked, "action", t));
                Assert.Equal(masks, Field<bool>(chunked, "action_pad_mask", t));
                Assert.Equal(pads, Field<bool>(chunked, "observation/timestep_pad_mask", t));
                Assert.Equal(completed, Field<bool>(chunked, "observation/task_completed", t));
                Assert.Equal(Enumerable.Range(0, window).Select(w => 10f * Math.Max(t - window + 1 + w, 0)), Field<float>(chunked, "observation/proprio_arm", t).Where((_, i) => i % 2 == 0));
            }
        }
    }

    [Fact]
    public void ActionsThatComeChunked_AreCutToAnyHorizon()
    {
        // Step t's chunk of 5 holds 100·t + h.
        var chunks = NdArray.From([.. Enumerable.Range(0, Steps).SelectMany(t => Enumerable.Range(0, 5).SelectMany(h => new[] { 100f * t + h, -h }))], Steps, 5, 2);
        var trajectory = DimensionPadding.PadAction(Bare().With("action", chunks), 3);
        for (var horizon = 1; horizon <= 5; horizon++)
        {
            var chunked = new ChunkedTrajectory(trajectory, new ChunkOptions { Window = 2, Horizon = horizon });
            Assert.Equal([.. Chunk(2, horizon), .. Chunk(3, horizon)], Field<float>(chunked, "action", 3));
        }

        Assert.Contains("chunks of 5, the horizon is 6", Assert.Throws<ArgumentException>(() => new ChunkedTrajectory(trajectory, new ChunkOptions { Horizon = 6 })).Message);

        static IEnumerable<float> Chunk(int t, int horizon) => Enumerable.Range(0, horizon).SelectMany(h => new[] { 100f * t + h, -h, 0 });
    }

    [Fact]
    public void WindowOverride_HidesEarlierStepsAndFutureProprioceptionIsZeroed()
    {
        var chunked = new ChunkedTrajectory(DimensionPadding.PadAction(Episode(), null), new ChunkOptions { Window = 4, WindowOverride = 1, ZeroFutureProprio = true });
        Assert.Equal([false, false, false, true], Field<bool>(chunked, "observation/timestep_pad_mask", 5));
        Assert.Equal([20f, 21, 0, 0, 0, 0, 0, 0], Field<float>(chunked, "observation/proprio_arm", 5));
    }

    [Fact]
    public void Filters_LookAtNormalisedNumbersAndInstructions()
    {
        using var folder = new TemporaryFolder();
        // Episode e's actions and states are (e, step): normalised by a deviation of 2 they are halved.
        var source = SmallDataset.Write(folder, "toy", 6, _ => 4) with { Normalization = Normalization.Normal, Statistics = Halving() };
        Assert.Equal([0, 1, 2, 3, 4, 5], Kept(source, new TrajectoryOptions()));
        Assert.Equal([0, 1, 2, 3], Kept(source, new TrajectoryOptions { MaxAction = 1.5f }));
        Assert.Equal([0, 1, 2, 3, 4], Kept(source, new TrajectoryOptions { MaxProprio = 2f }));
        Assert.Equal([4], Kept(source with { Filters = [TrajectoryFilter.Containing("language_instruction", "4")] }, new TrajectoryOptions()));
        Assert.Equal([0, 1, 2, 3, 4, 5], Kept(source, new TrajectoryOptions { SkipUnlabeled = true }));
        var unlabelled = source with { Standardize = t => t.With("language_instruction", TrajectoryTexts.Repeat(t.Texts("language_instruction").Text(0) == "do 2" ? "" : "do", t.Length)) };
        Assert.Equal([0, 1, 3, 4, 5], Kept(unlabelled, new TrajectoryOptions { SkipUnlabeled = true }));
        Assert.Contains("has no instructions", Assert.Throws<ArgumentException>(() => Kept(source with { LanguageKey = null }, new TrajectoryOptions { SkipUnlabeled = true })).Message);
    }

    [Fact]
    public void Subsampling_DrawsThatManyFramesAnewEachTime()
    {
        using var folder = new TemporaryFolder();
        var pipeline = new TrajectoryPipeline(SmallDataset.Write(folder, "toy", 1, _ => 4), Halving(), new TrajectoryOptions { SubsampleLength = 3 });
        var drawn = Enumerable.Range(0, 50).Select(s => pipeline.Frames(10, new RandomStream((ulong)s))).ToArray();
        Assert.All(drawn, f => Assert.Equal(3, f.Distinct().Count()));
        Assert.Equal(Enumerable.Range(0, 10), drawn.SelectMany(f => f).Distinct().Order());
        Assert.Equal(2, pipeline.Frames(2, new RandomStream(0)).Length);
    }

    [Fact]
    public void Normalisation_LeavesMaskedDimensionsAndSkippedFeatures()
    {
        using var folder = new TemporaryFolder();
        var source = SmallDataset.Write(folder, "toy", 1, _ => 4) with { Normalization = Normalization.Bounds, ActionNormalizationMask = [true, false], SkipNormalization = ["proprio_arm"] };
        var statistics = Statistics([2, 2], [2, 2], [0, 0], [4, 4]);
        var trajectory = Bare().With("action", NdArray.From([1f, 9, 4, -9, 99, 2, -99, 2, 2, 2, 2, 2], Steps, 2));
        var normalised = new TrajectoryNormalization(source, statistics).Apply(trajectory);
        // 2·x/4 − 1, clipped to [−1, 1]; the second dimension as it was.
        Assert.Equal([-0.5f, 9, 1, -9, 1, 2, -1, 2, 0, 2, 0, 2], normalised.Numbers("action").ToSingles(), (e, a) => Math.Abs(e - a) < 1e-6f);
        Assert.Equal(trajectory.Numbers("observation/proprio_arm").ToSingles(), normalised.Numbers("observation/proprio_arm").ToSingles());
        Assert.Equal([true, false], new TrajectoryNormalization(source, statistics).Statistics.Action.Mask!);
        Assert.Throws<ArgumentException>(() => new TrajectoryNormalization(source with { ActionNormalizationMask = [true] }, statistics));
    }

    private static DatasetStatistics Halving() => Statistics([0, 0], [2, 2], [0, 0], [4, 4]);

    private static DatasetStatistics Statistics(double[] mean, double[] std, double[] p01, double[] p99) => new(
        new[] { "action", "proprio_arm" }.ToDictionary(n => n, _ => new FeatureStatistics(mean, std) { P01 = p01, P99 = p99, Min = p01, Max = p99 }), 24, 6);

    private static int[] Kept(DatasetSource source, TrajectoryOptions options)
    {
        var pipeline = new TrajectoryPipeline(source, source.Statistics!, options);
        return [.. source.Dataset.ReadEpisodes("train").Select((e, i) => (i, Kept: pipeline.Apply(Trajectory.From(e, source.Name), new RandomStream(0)) is not null)).Where(e => e.Kept).Select(e => e.i)];
    }

    private static T[] Field<T>(ChunkedTrajectory chunked, string key, int step) where T : unmanaged
    {
        var field = chunked.Numbers.ToList().FindIndex(f => f.Key == key);
        var bytes = new byte[chunked.Numbers[field].ByteCount];
        chunked.CopyNumbers(field, step, bytes);
        return MemoryMarshal.Cast<byte, T>(bytes).ToArray();
    }

    // Step t: action (2t, 2t+1), proprioception (10t, 10t+1), an image of one byte t.
    private static Trajectory Bare() => new Trajectory("toy", Steps)
        .With("observation/image_primary", new TrajectoryImages([.. Enumerable.Range(0, Steps).Select(t => (ReadOnlyMemory<byte>)new[] { (byte)t })]))
        .With("observation/proprio_arm", NdArray.From([.. Enumerable.Range(0, Steps).SelectMany(t => new[] { 10f * t, 10f * t + 1 })], Steps, 2))
        .With("observation/timestep", NdArray.From(Enumerable.Range(0, Steps).ToArray(), Steps))
        .With("action", NdArray.From([.. Enumerable.Range(0, 2 * Steps).Select(i => (float)i)], Steps, 2));

    private static Trajectory Episode() => PadMasks.Add(Bare().With("task/language_instruction", TrajectoryTexts.Repeat("lift", Steps)));
}
