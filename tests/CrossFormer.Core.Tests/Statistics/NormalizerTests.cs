using CrossFormer.Statistics;
using CrossFormer.Testing;
using CsCheck;

namespace CrossFormer.Core.Tests.Statistics;

public class NormalizerTests
{
    private static readonly Gen<(FeatureStatistics Statistics, float[] X)> Features =
        from n in Gen.Int[1, 8]
        from mean in Gen.Double[-2, 2].Array[n]
        from std in Gen.Double[0.05, 3].Array[n]
        from low in Gen.Double[-3, -0.5].Array[n]
        from width in Gen.Double[0.1, 4].Array[n]
        from mask in Gen.Bool.Array[n]
        from rows in Gen.Int[1, 4]
        from x in Gen.Float[-3, 3].Array[n * rows]
        select (new FeatureStatistics(mean, std) { P01 = low, P99 = [.. low.Zip(width, (l, w) => l + w)], Mask = mask }, x);

    [Fact]
    [Trait(Goldens.Category, Goldens.Reference)]
    public void Inverse_OfTheHeadsLastStep_IsWhatTheReferenceSamples()
    {
        var heads = Goldens.Arrays("checkpoints", "expected.npz");
        var sampled = Goldens.Arrays("checkpoints", "sampled.npz").Single().Value;
        var statistics = StatisticsCollection.Read(Goldens.File("checkpoints", "msgpack", "dataset_statistics.json"));
        var head = heads.Single(a => a.Key.Contains("single_arm")).Value; // [batch, window, horizon, dim]
        var (batch, window, chunk) = (head.Shape[0], head.Shape[1], head.Shape[2] * head.Shape[3]);

        var normalizer = new Normalizer(Normalization.Normal, statistics["bridge_dataset"].Action);
        var expected = sampled.AsSpan<float>();
        var actual = new float[expected.Length];
        for (var b = 0; b < batch; b++)
        {
            var last = head.AsSpan<float>().Slice(((b + 1) * window - 1) * chunk, chunk);
            normalizer.Inverse(last, head.Shape[3], actual.AsSpan(b * actual.Length / batch, actual.Length / batch));
        }

        // The two files come from two runs of the reference's model, compiled differently: 1.2e-6 apart.
        for (var i = 0; i < actual.Length; i++)
            Assert.Equal(expected[i], actual[i], 2e-6f);
    }

    [Fact]
    public void Forward_AndInverseByMeanAndDeviation_AreInverse() => Features.Sample(f =>
    {
        var normalizer = new Normalizer(Normalization.Normal, f.Statistics);
        var (model, robot) = (new float[f.X.Length], new float[f.X.Length]);
        normalizer.Forward(f.X, model);
        normalizer.Inverse(model, robot);
        for (var i = 0; i < robot.Length; i++)
            Assert.Equal(f.X[i], robot[i], 3e-6f); // std + ε against std, and a few roundings of values up to 5
    });

    [Fact]
    public void Forward_AndInverseByBounds_AreInverseWithinThem_AndClipOutside() => Features.Sample(f =>
    {
        var normalizer = new Normalizer(Normalization.Bounds, f.Statistics);
        var (model, robot) = (new float[f.X.Length], new float[f.X.Length]);
        normalizer.Forward(f.X, model);
        normalizer.Inverse(model, robot);
        for (var i = 0; i < robot.Length; i++)
        {
            var d = i % f.Statistics.Dimension;
            var expected = f.Statistics.Mask![d] ? Math.Clamp(f.X[i], f.Statistics.P01![d], f.Statistics.P99![d]) : f.X[i];
            Assert.Equal(expected, robot[i], 3e-6);
            Assert.True(!f.Statistics.Mask[d] || Math.Abs(model[i]) <= 1);
        }
    });

    [Theory]
    [InlineData(Normalization.None)]
    [InlineData(Normalization.Normal)]
    [InlineData(Normalization.Bounds)]
    public void MaskedDimensions_PassThroughBitForBit_Unclipped(Normalization kind)
    {
        var normalizer = new Normalizer(kind, new FeatureStatistics([1, 1], [2, 2]) { P01 = [0, 0], P99 = [1, 1], Mask = [true, false] });
        var values = new float[2];
        normalizer.Forward([0.5f, 17.3f], values);
        Assert.Equal(17.3f, values[1]);
        normalizer.Inverse([0.5f, 17.3f], values);
        Assert.Equal(17.3f, values[1]);
    }

    [Fact]
    public void Forward_AddsTheEpsilon_InverseDoesNot()
    {
        var normal = new Normalizer(Normalization.Normal, new FeatureStatistics([0], [1e-8]));
        var bounds = new Normalizer(Normalization.Bounds, new FeatureStatistics([0], [1]) { P01 = [0], P99 = [1e-8] });
        var y = new float[1];
        normal.Forward([1e-8f], y);
        Assert.Equal(0.5f, y[0]);
        normal.Inverse([1], y);
        Assert.Equal(1e-8f, y[0]);
        bounds.Forward([1e-8f], y);
        Assert.Equal(0f, y[0], 1e-7f);
        bounds.Inverse([1], y);
        Assert.Equal(1e-8f, y[0]);
    }

    [Fact]
    public void Inverse_CutsTheModelsExtraDimensions()
    {
        var normalizer = new Normalizer(Normalization.Normal, new FeatureStatistics([10, 20], [1, 1]));
        var robot = new float[4];
        normalizer.Inverse([1, 2, 99, 3, 4, 99], 3, robot);
        Assert.Equal([11, 22, 13, 24], robot);
    }

    [Fact]
    public void NestedStatistics_AreTakenRowByRow_FromTheFirst()
    {
        var normalizer = new Normalizer(Normalization.Normal, new FeatureStatistics([1, 2, 3, 4, 5, 6], [1, 1, 10, 10, 1, 1], rows: 3));
        var robot = new float[4];
        normalizer.Inverse([1, 1, 1, 1], robot);
        Assert.Equal([2, 3, 13, 14], robot);
        Assert.Equal(3, normalizer.MaxRows);
        var error = Assert.Throws<ArgumentException>(() => normalizer.Inverse(new float[8], new float[8]));
        Assert.Contains("have 3; got 4", error.Message);
    }

    [Fact]
    public void SourceAndDestination_MayBeTheSameMemory()
    {
        var normalizer = new Normalizer(Normalization.Normal, new FeatureStatistics([1, 2], [3, 4]));
        float[] values = [1, 1];
        normalizer.Inverse(values, values);
        Assert.Equal([4, 6], values);
    }

    [Fact]
    public void Calls_AllocateNothing()
    {
        var normalizer = new Normalizer(Normalization.Bounds, new FeatureStatistics([1, 2], [3, 4]) { P01 = [0, 0], P99 = [1, 1] });
        var values = new float[200];
        Assert.Equal(0, Allocation.Least(() => normalizer.Forward(values, values)));
        Assert.Equal(0, Allocation.Least(() => normalizer.Inverse(values, values)));
    }

    [Fact]
    public void WrongLengths_AreRefused_NamingBoth()
    {
        var normalizer = new Normalizer(Normalization.Normal, new FeatureStatistics([1, 2], [3, 4]));
        Assert.Contains("3 and 4", Assert.Throws<ArgumentException>(() => normalizer.Forward(new float[3], new float[4])).Message);
        Assert.Contains("at least 2", Assert.Throws<ArgumentException>(() => normalizer.Inverse(new float[4], 1, new float[8])).Message);
        Assert.Contains("p01 and p99", Assert.Throws<ArgumentException>(() => new Normalizer(Normalization.Bounds, new FeatureStatistics([1], [1]))).Message);
    }
}
