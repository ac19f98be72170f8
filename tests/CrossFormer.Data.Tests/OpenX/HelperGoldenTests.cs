using System.Text;
using CrossFormer.Arrays;
using CrossFormer.Data.OpenX;
using CrossFormer.Data.Trajectories;
using CrossFormer.Testing;
using static CrossFormer.Data.OpenX.ColumnExpression;

namespace CrossFormer.Data.Tests.OpenX;

/// <summary>The functions that transforms are made of, alone, on inputs that sit on their edges: equal to the reference to the bit, NaN for NaN.</summary>
[Trait(Goldens.Category, Goldens.Reference)]
public sealed class HelperGoldenTests
{
    [Theory]
    [InlineData("binarize")]
    [InlineData("rel2abs")]
    public void GripperStates_AreTheReferences(string helper)
    {
        var golden = Golden().Numbers;
        var cases = golden.Keys.Where(k => k.StartsWith($"{helper}/", StringComparison.Ordinal) && k.EndsWith("/in", StringComparison.Ordinal)).ToArray();
        Assert.True(cases.Length >= 14, $"only {cases.Length} cases");
        foreach (var input in cases)
        {
            var column = helper == "binarize" ? Column("x").Binarized() : Column("x").ToGripperState();
            AssertEqual(input, golden[$"{input[..^"/in".Length]}/out"], Evaluate(column, golden[input]));
        }
    }

    [Fact]
    public void ClippedAndInverted_AreTheReferences()
    {
        var golden = Golden().Numbers;
        AssertEqual("clip", golden["clip/out"], Evaluate(Column("x").Clipped(), golden["clip/in"]));
        AssertEqual("clip, inverted", golden["clip/out_inverted"], Evaluate(Column("x").Clipped().Inverted(), golden["clip/in"]));
        AssertEqual("inverted", golden["clip/out_inverted_plain"], Evaluate(Column("x").Inverted(), golden["clip/in"]));
    }

    [Fact]
    public void EulerAngles_AreTheReferencesWithinItsMathematicsLibrary()
    {
        var golden = Golden().Numbers;
        var (quaternions, expected) = (golden["euler/in"], golden["euler/out"].ToSingles());
        var actual = Evaluate(Column("x").EulerFromQuaternion(), quaternions).ToSingles();
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
            Assert.True(expected[i].Equals(actual[i]) || Math.Abs(expected[i] - actual[i]) <= 3e-7f * Math.Max(1, Math.Abs(expected[i])), $"quaternion {i / 3}, angle {i % 3}: the reference has {expected[i]:R}, got {actual[i]:R}.");
    }

    [Fact]
    public void WaypointSpacing_IsTheReferences()
    {
        var golden = Golden();
        var (paths, expected) = (golden.Texts["spacing/path"], golden.Numbers["spacing/one_over"].ToDoubles());
        for (var i = 0; i < paths.Length; i++)
            Assert.Equal(expected[i], 1 / Data.OpenX.Waypoints.SpacingOf(Encoding.UTF8.GetString(paths[i])));
    }

    [Fact]
    public void InstructionsOfCodePoints_AreTheReferences()
    {
        var golden = Golden();
        var points = golden.Numbers["language/in"];
        var texts = (TrajectoryTexts)Column("x").TextFromCodePoints().Evaluate(Trajectory(points));
        Assert.Equal(golden.Texts["language/out"].Select(Encoding.UTF8.GetString), Enumerable.Range(0, texts.Length).Select(texts.Text));
    }

    [Fact]
    public void SuccessFilter_KeepsWhatTheReferenceKeeps()
    {
        var golden = Golden();
        var (paths, keep) = (golden.Texts["filter_success_droid/path"], golden.Numbers["filter_success_droid/keep"].AsSpan<bool>().ToArray());
        var filter = OpenXDatasets.Get("droid").Filter!;
        for (var i = 0; i < paths.Length; i++)
        {
            var episode = new Trajectory("droid", 2).With("traj_metadata/episode_metadata/file_path", new TrajectoryTexts([paths[i], paths[i]]));
            Assert.True(keep[i] == filter.Keep(episode), $"'{Encoding.UTF8.GetString(paths[i])}': the reference says {keep[i]}.");
        }
    }

    [Fact]
    public void RelabelledActions_AreTheReferences()
    {
        var golden = Golden().Numbers;
        var raw = new Trajectory("t", 5).With("action", golden["relabel/in/action"]).With("observation/state", golden["relabel/in/observation/state"]);
        StandardTransform relabel =
        [
            TransformStep.Set("action", Concatenate(Column("observation/state")[..6].StepDifference(), Column("action")[^1..])),
            TransformStep.DropLast,
        ];
        var result = relabel.Apply(raw);
        AssertEqual("action", golden["relabel/out/action"], result.Numbers("action"));
        AssertEqual("state", golden["relabel/out/observation/state"], result.Numbers("observation/state"));
    }

    private static NumpyArchive Golden() => NumpyArchive.Read(Goldens.File("transforms", "helpers.npz"));

    private static Trajectory Trajectory(NdArray values) => new Trajectory("t", values.Shape[0]).With("x", values);

    private static NdArray Evaluate(ColumnExpression expression, NdArray values) => ((TrajectoryNumbers)expression.Evaluate(Trajectory(values))).Values;

    private static void AssertEqual(string what, NdArray expected, NdArray actual)
    {
        Assert.Equal((what, expected.Count), (what, actual.Count));
        foreach (var (e, a) in expected.ToSingles().Zip(actual.ToSingles()))
            Assert.True(e.Equals(a), $"{what}: the reference has [{string.Join(' ', expected.ToSingles())}], got [{string.Join(' ', actual.ToSingles())}].");
    }
}
