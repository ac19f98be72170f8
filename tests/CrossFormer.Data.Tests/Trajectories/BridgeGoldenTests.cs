using System.Text;
using CrossFormer.Arrays;
using CrossFormer.Data.Trajectories;
using CrossFormer.Statistics;
using CrossFormer.Testing;

namespace CrossFormer.Data.Tests.Trajectories;

/// <summary>Real Bridge episodes through the whole trajectory stage, against what the reference makes of them.</summary>
[Trait(Goldens.Category, Goldens.Reference)]
public class BridgeGoldenTests
{
    private const float Relative = 1e-6f;

    private static readonly TrajectoryOptions Options = new()
    {
        Training = false,
        Chunks = new ChunkOptions { Window = 5, Horizon = 4 },
        ActionDimension = 14,
        Heads = new Dictionary<string, IReadOnlyList<string>> { ["single_arm"] = ["bridge_dataset"], ["nav"] = ["omnimimic_gnm_dataset"] },
    };

    // Derived from Bridge, so not committed: beside the other goldens only where somebody made them there.
    private static string GoldenFile(string name)
    {
        var own = Goldens.File("data", name);
        return File.Exists(own) ? own : Goldens.SharedPath("goldens", "data", name);
    }

    [Theory]
    [InlineData("bridge_chunked_normal.npz", Normalization.Normal)]
    [InlineData("bridge_chunked_bounds.npz", Normalization.Bounds)]
    public void ValidationSplit_IsTheReferences(string file, Normalization normalization)
    {
        var source = BridgeSource.Create(normalization);
        var statistics = StatisticsCollection.Read(GoldenFile("bridge_statistics.json"))[source.Name];
        var pipeline = new TrajectoryPipeline(source, statistics, Options);
        var archive = NumpyArchive.Read(GoldenFile(file));
        var compared = 0;
        foreach (var group in archive.Numbers.GroupBy(e => int.Parse(e.Key.Split('/')[0])))
        {
            var episode = Trajectory.From(source.Dataset.ReadEpisode("val", group.Key), source.Name);
            var chunked = pipeline.Apply(episode, new RandomStream(0));
            Assert.NotNull(chunked);
            foreach (var (path, golden) in group)
            {
                var key = path[(path.IndexOf('/') + 1)..];
                Compare(chunked, key, golden);
                compared++;
            }

            foreach (var (path, golden) in archive.Texts.Where(t => t.Key.StartsWith($"{group.Key}/", StringComparison.Ordinal)))
            {
                var text = chunked.Texts.ToList().IndexOf(path[(path.IndexOf('/') + 1)..]);
                Assert.Equal(golden.Select(Encoding.UTF8.GetString), Enumerable.Range(0, chunked.Length).Select(t => chunked.Text(text, t)));
                compared++;
            }

            var known = group.Select(e => e.Key[(e.Key.IndexOf('/') + 1)..]).ToHashSet();
            Assert.All(chunked.Numbers, f => Assert.Contains(f.Key, known));
        }

        Assert.True(compared >= 3 * 19, $"only {compared} arrays were compared");
    }

    [Fact]
    public void Statistics_InTheReferencesArithmetic_AreTheReferences()
    {
        var source = BridgeSource.Create();
        var expected = StatisticsCollection.Read(GoldenFile("bridge_statistics.json"))[source.Name];
        var actual = StatisticsComputation.Compute(source, StatisticsArithmetic.Reference, cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(expected.NumTransitions, actual.NumTransitions);
        Assert.Equal(expected.NumTrajectories, actual.NumTrajectories);
        Assert.Equal(expected.Features.Keys.Order(), actual.Features.Keys.Order());
        foreach (var (name, feature) in expected.Features)
            AssertNear(feature, actual[name]);
    }

    [Fact]
    public void Statistics_ByDefault_CountTheFirstTrajectorysProprioceptionOnce()
    {
        var source = BridgeSource.Create();
        var expected = StatisticsCollection.Read(GoldenFile("bridge_statistics.json"))[source.Name];
        var actual = StatisticsComputation.Compute(source, cancellation: TestContext.Current.CancellationToken);
        // The action has no such mistake; what remains is the rounding of the reference's float32 sums over 450 steps.
        AssertNear(expected.Action, actual.Action, 5e-6);
        var first = StandardForm.Apply(Trajectory.From(source.Dataset.ReadEpisode("all", 0), source.Name), source, new RandomStream(0));
        var proprio = first.Numbers("observation/proprio_primary").AsSpan<float>();
        const string name = "proprio_primary";
        for (var d = 0; d < 7; d++)
        {
            var sum = 0.0;
            for (var t = 0; t < first.Length; t++)
                sum += proprio[(7 * t) + d];
            var doubled = (actual[name].Mean[d] * 450 + sum) / (450 + first.Length);
            Assert.Equal(expected[name].Mean[d], doubled, Math.Abs(doubled) * 5e-6);
        }
    }

    private static void AssertNear(FeatureStatistics expected, FeatureStatistics actual, double relative = Relative)
    {
        foreach (var (e, a) in new[] { (expected.Mean, actual.Mean), (expected.Std, actual.Std), (expected.Min, actual.Min), (expected.Max, actual.Max), (expected.P01, actual.P01), (expected.P99, actual.P99) })
        {
            Assert.Equal(e!.Length, a!.Length);
            for (var d = 0; d < e.Length; d++)
                Assert.Equal(e[d], a[d], Math.Abs(e[d]) * relative);
        }
    }

    private static void Compare(ChunkedTrajectory chunked, string key, NdArray golden)
    {
        if (key == "first_jpeg")
        {
            var image = chunked.Images.ToList().FindIndex(f => f.Key == "observation/image_primary");
            Assert.True(golden.Bytes.Span.SequenceEqual(chunked.Image(image, 0, 0).Span));
            return;
        }

        Assert.Equal(golden.Shape[0], chunked.Length);
        var field = chunked.Numbers.ToList().FindIndex(f => f.Key == key);
        Assert.True(field >= 0, $"there is no '{key}'");
        Assert.Equal(golden.DType, chunked.Numbers[field].DType);
        Assert.Equal(golden.Shape[1..], chunked.Numbers[field].Shape);
        var bytes = new byte[chunked.Numbers[field].ByteCount];
        for (var t = 0; t < chunked.Length; t++)
        {
            chunked.CopyNumbers(field, t, bytes);
            var expected = golden.Bytes.Span.Slice(t * bytes.Length, bytes.Length);
            if (golden.DType != DType.Float32)
                Assert.True(expected.SequenceEqual(bytes), $"{key} differs at step {t}");
            else
                AssertNear(key, t, System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(expected), System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(bytes));
        }
    }

    private static void AssertNear(string key, int step, ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
    {
        for (var i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(expected[i] - actual[i]) <= Relative * Math.Max(Math.Abs(expected[i]), 1), $"{key}, step {step}, value {i}: expected {expected[i]}, got {actual[i]}");
    }
}
