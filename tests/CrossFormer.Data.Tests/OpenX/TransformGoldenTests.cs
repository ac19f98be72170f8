using CrossFormer.Arrays;
using CrossFormer.Data.OpenX;
using CrossFormer.Data.Trajectories;
using CrossFormer.Testing;

namespace CrossFormer.Data.Tests.OpenX;

/// <summary>Each dataset's standardisation transform gives the reference's columns: bit for bit, but for the two places that <see cref="Tolerance"/> names.</summary>
[Trait(Goldens.Category, Goldens.Reference)]
public sealed class TransformGoldenTests
{
    private const string Proprioception = "observation/proprio";
    private const string OldGnm = "old_gnm_dataset_transform";

    // Deviation: the reference forgets what the configurations promise. CorrectedTransformTests has what is set here.
    private static readonly string[] SetNoProprioception = ["mujoco_manip", "utokyo_xarm_pick_and_place_converted_externally_to_rlds"];

    // Not there: robo_net, whose transform the reference cannot run (CorrectedTransformTests has ours).
    public static TheoryData<string> Datasets => Directory.Exists(Path.Combine(Goldens.Root, "transforms"))
        ? [.. Directory.EnumerateFiles(Path.Combine(Goldens.Root, "transforms"), "*.npz").Select(f => Path.GetFileNameWithoutExtension(f)!).Where(n => n is not ("helpers" or "robo_net")).Order()]
        : ["bridge_dataset"];

    [Theory]
    [MemberData(nameof(Datasets))]
    public void Transform_EqualsReference(string dataset)
    {
        var golden = NumpyArchive.Read(Goldens.File("transforms", $"{dataset}.npz"));
        var transform = dataset == OldGnm ? OtherRobots.OldGnm : OpenXDatasets.Get(dataset).Transform;
        foreach (var (given, expected) in new[] { ("in/", "out/"), ("in3/", "out3/") })
        {
            var (raw, reference) = (Below(golden, given), Below(golden, expected));
            var result = transform.Apply(new Trajectory(dataset, raw.Values.First().Length, raw));
            if (SetNoProprioception.Contains(dataset))
                reference.Add(Proprioception, result[Proprioception]);
            Assert.Equal(reference.Keys.Order(StringComparer.Ordinal), result.Names.Order(StringComparer.Ordinal));
            foreach (var (name, column) in reference)
            {
                if (column is TrajectoryTexts texts)
                    AssertEqual($"{expected}{name}", texts, result.Texts(name));
                else
                    AssertEqual($"{expected}{name}", ((TrajectoryNumbers)column).Values, result.Numbers(name), Tolerance(transform, name), dataset);
            }
        }
    }

    [Fact]
    public void EveryDataset_HasAGolden()
    {
        Goldens.File("transforms", "manifest.json");
        Assert.Equal(OpenXDatasets.All.Select(d => d.Name).Where(n => n != "robo_net").Append(OldGnm).Order(), Datasets.Select(d => d.Data).Order());
    }

    // Angles come from another mathematics library; sums of the waypoints' two products round in another order.
    private static double Tolerance(StandardTransform transform, string column) => column != "action" ? 0 :
        transform.Name.Contains("euler_from_quaternion", StringComparison.Ordinal) ? 3e-7 :
        transform.Name.Contains("waypoints", StringComparison.Ordinal) ? 1e-12 : 0;

    private static void AssertEqual(string name, TrajectoryTexts expected, TrajectoryTexts actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
            Assert.True(expected.Values[i].Span.SequenceEqual(actual.Values[i].Span), $"{name}, step {i}: the reference has '{expected.Text(i)}', got '{actual.Text(i)}'.");
    }

    private static void AssertEqual(string name, NdArray expected, NdArray actual, double tolerance, string dataset)
    {
        // The reference leaves its navigation states padded by the 100 steps that only the waypoints need; ours stay as long as the episode.
        int[] shape = dataset == "omnimimic_gnm_dataset" && name.Contains("observation/", StringComparison.Ordinal) ? [actual.Shape[0], .. expected.Shape[1..]] : expected.Shape;
        Assert.Equal((name, expected.DType, string.Join(',', shape)), (name, actual.DType, string.Join(',', actual.Shape)));
        foreach (var (e, a) in expected.ToDoubles().Zip(actual.ToDoubles()))
            Assert.True(e.Equals(a) || Math.Abs(e - a) <= tolerance * Math.Max(1, Math.Abs(e)), $"{name}: the reference has {e:R}, got {a:R}.");
    }

    private static Dictionary<string, TrajectoryColumn> Below(NumpyArchive archive, string folder)
    {
        var columns = new Dictionary<string, TrajectoryColumn>();
        foreach (var (name, values) in archive.Numbers.Where(a => a.Key.StartsWith(folder, StringComparison.Ordinal)))
            columns.Add(name[folder.Length..], new TrajectoryNumbers(values));
        foreach (var (name, values) in archive.Texts.Where(t => t.Key.StartsWith(folder, StringComparison.Ordinal)))
            columns.Add(name[folder.Length..], new TrajectoryTexts([.. values.Select(v => (ReadOnlyMemory<byte>)v)]));
        return columns;
    }
}
