using System.IO.Compression;
using System.Text;
using CrossFormer.Arrays;
using CrossFormer.Data.OpenX;
using CrossFormer.Data.Trajectories;
using CrossFormer.Formats;
using CrossFormer.Testing;

namespace CrossFormer.Data.Tests.OpenX;

/// <summary>Each dataset's standardisation transform gives the reference's numbers.</summary>
[Trait(Goldens.Category, Goldens.Reference)]
public class TransformGoldenTests
{
    // What the reference's float32 arithmetic is known to within; most columns are equal to the bit.
    private const double Tolerance = 3e-7;

    // robo_net has inputs only, for the reference cannot run it; the old GNM transform belongs to no dataset.
    public static TheoryData<string> Datasets => Directory.Exists(Path.Combine(Goldens.Root, "transforms"))
        ? [.. Directory.EnumerateFiles(Path.Combine(Goldens.Root, "transforms"), "*.npz").Select(f => Path.GetFileNameWithoutExtension(f)!).Where(n => n is not ("helpers" or "robo_net" or "old_gnm_dataset_transform")).Order()]
        : ["bridge_dataset"];

    [Theory]
    [MemberData(nameof(Datasets))]
    public void Transform_EqualsReference(string dataset)
    {
        var arrays = Numbers(Goldens.File("transforms", $"{dataset}.npz"), out var texts);
        foreach (var (given, expected) in new[] { ("in/", "out/"), ("in3/", "out3/") })
        {
            var length = arrays.First(a => a.Key.StartsWith(given, StringComparison.Ordinal) && a.Value.Shape.Length > 0).Value.Shape[0];
            var raw = new Trajectory(dataset, length, arrays.Where(a => a.Key.StartsWith(given, StringComparison.Ordinal))
                .Select(a => KeyValuePair.Create(a.Key[given.Length..], (TrajectoryColumn)new TrajectoryNumbers(a.Value)))
                .Concat(texts.Where(t => t.Key.StartsWith(given, StringComparison.Ordinal)).Select(t => KeyValuePair.Create(t.Key[given.Length..], (TrajectoryColumn)t.Value))));
            var result = OpenXDatasets.Get(dataset).Transform.Apply(raw);
            foreach (var (name, golden) in arrays.Where(a => a.Key.StartsWith(expected, StringComparison.Ordinal)))
            {
                var actual = result.Numbers(name[expected.Length..]);
                // The reference leaves its navigation states padded by the 100 steps that only the waypoints need; ours stay as long as the episode.
                int[] shape = dataset == "omnimimic_gnm_dataset" && name.StartsWith($"{expected}observation/", StringComparison.Ordinal) && golden.Shape[0] != result.Length ? [result.Length, .. golden.Shape[1..]] : golden.Shape;
                Assert.Equal((golden.DType, string.Join(',', shape)), (actual.DType, string.Join(',', actual.Shape)));
                foreach (var (e, a) in golden.ToDoubles().Zip(actual.ToDoubles()))
                    Assert.True(e == a || Math.Abs(e - a) <= Tolerance * Math.Max(1, Math.Abs(e)), $"{name}: the reference has {e}, got {a}.");
            }
        }
    }

    private static Dictionary<string, NdArray> Numbers(string path, out Dictionary<string, TrajectoryTexts> texts)
    {
        var numbers = new Dictionary<string, NdArray>();
        texts = [];
        using var zip = ZipFile.OpenRead(path);
        foreach (var entry in zip.Entries)
        {
            using var stream = entry.Open();
            using var content = new MemoryStream();
            stream.CopyTo(content);
            var (name, bytes) = (entry.FullName[..^".npy".Length], content.ToArray());
            if (Strings(bytes) is { } strings)
                texts[name] = strings;
            else
                numbers[name] = Npz.ReadNpy(new MemoryStream(bytes), name);
        }

        return numbers;
    }

    // numpy's byte strings: all of one width, filled up with zeros.
    private static TrajectoryTexts? Strings(byte[] npy)
    {
        var start = 10 + BitConverter.ToUInt16(npy, 8);
        var header = Encoding.ASCII.GetString(npy, 10, start - 10);
        var mark = header.IndexOf("'|S", StringComparison.Ordinal);
        if (mark < 0)
            return null;
        var width = int.Parse(header[(mark + 3)..header.IndexOf('\'', mark + 3)]);
        return new TrajectoryTexts([.. npy[start..].Chunk(width).Select(c => (ReadOnlyMemory<byte>)c.AsMemory(0, c.AsSpan().LastIndexOfAnyExcept((byte)0) + 1))]);
    }
}
