using CrossFormer.Data.Rlds;
using CrossFormer.Data.Tests.TfRecords;
using CrossFormer.Formats;
using CrossFormer.Testing;
using CsCheck;

namespace CrossFormer.Data.Tests.Rlds;

/// <summary>Whatever stands in a dataset's files, reading ends in values or in an exception of the format's own.</summary>
public class HostileInputTests
{
    [Theory]
    [InlineData("plain/1.0.0", "features.json")]
    [InlineData("older/plain/1.0.0", "features.json")]
    [InlineData("kinds/1.0.0", "features.json")]
    [InlineData("plain/1.0.0", "dataset_info.json")]
    public void MutatedMetadata_IsReadOrRefused(string dataset, string file)
    {
        var source = Goldens.File("rlds", dataset);
        var good = File.ReadAllBytes(Path.Combine(source, file));
        using var folder = new TemporaryFolder();
        foreach (var path in Directory.GetFiles(source))
            folder.Write(Path.GetFileName(path), File.ReadAllBytes(path));
        Gen.Select(Gen.Int[0, good.Length - 1], Gen.Byte).Array[1, 3].Sample(
            mutations =>
            {
                var bytes = (byte[])good.Clone();
                foreach (var (at, value) in mutations)
                    bytes[at] = value;
                File.WriteAllBytes(folder.File(file), bytes);
                Attempt(() =>
                {
                    foreach (var episode in RldsDataset.Open(folder.Path).ReadEpisodes("val"))
                        ReadEverything(episode);
                });
            },
            iter: 150, threads: 1);
    }

    [Fact]
    public void MutatedRecords_AreReadOrRefused()
    {
        var dataset = RldsDataset.Open(Goldens.File("rlds", "kinds"));
        var good = dataset.ReadEpisodes("all").MinBy(e => e.Record.Data.Length)!.Record.Data.ToArray();
        var schema = new RldsSchema(dataset.Features);
        Gen.Select(Gen.Int[0, good.Length - 1], Gen.Byte).Array[1, 4].Sample(
            mutations =>
            {
                var bytes = (byte[])good.Clone();
                foreach (var (at, value) in mutations)
                    bytes[at] = value;
                Attempt(() => ReadEverything(RldsEpisode.Parse(Wire.Record(bytes), schema, 0)));
            },
            iter: 2000);
    }

    [Fact]
    public void AZlibTensorThatIsAllZeros_IsNotInflatedBeyondItsShape()
    {
        // 64 MiB of zeros in 64 kB, for a feature of two numbers.
        using var memory = new MemoryStream();
        using (var zlib = new System.IO.Compression.ZLibStream(memory, System.IO.Compression.CompressionLevel.SmallestSize, leaveOpen: true))
            zlib.Write(new byte[1 << 26]);
        var feature = new RldsFeature("steps/x", RldsFeatureKind.Tensor, "Tensor", Arrays.DType.Float32, [2], TensorEncoding.Zlib, [], true, [], "");
        var record = Wire.Record(Wire.Example(Wire.Entry("steps/x", Wire.Strings(memory.ToArray()))));
        var episode = RldsEpisode.Parse(record, new RldsSchema([feature]), 0);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("steps/x", Assert.Throws<CorruptFileException>(() => episode.Steps["x"]).Message);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void AZlibTensorCutAtAnyByteOrWithADictionary_IsRefused()
    {
        using var memory = new MemoryStream();
        using (var zlib = new System.IO.Compression.ZLibStream(memory, System.IO.Compression.CompressionLevel.Optimal, leaveOpen: true))
            zlib.Write([.. Enumerable.Range(0, 60).Select(i => (byte)(i * i))]);
        var whole = memory.ToArray();
        // One dimension is implied by the length, so only the compressed data itself can tell.
        var feature = new RldsFeature("steps/x", RldsFeatureKind.Tensor, "Tensor", Arrays.DType.UInt8, [-1], TensorEncoding.Zlib, [], true, [], "");
        var schema = new RldsSchema([feature]);
        Assert.Equal([60], ((VaryingColumn)Parse(whole).Steps["x"]).Values.Single().Shape);
        for (var length = 0; length < whole.Length; length++)
            Assert.Throws<CorruptFileException>(() => Parse(whole[..length]).Steps["x"]);
        // A header that asks for a preset dictionary.
        Assert.Throws<CorruptFileException>(() => Parse([0x78, 0xBB, 1, 2, 3, 4, .. whole[2..]]).Steps["x"]);

        RldsEpisode Parse(byte[] compressed) =>
            RldsEpisode.Parse(Wire.Record(Wire.Example(Wire.Entry("steps/x", Wire.Strings(compressed)))), schema, 0);
    }

    [Theory]
    [InlineData(int.MaxValue, int.MaxValue)]
    [InlineData(0, int.MaxValue)]
    [InlineData(-1, 4)]
    [InlineData(3, 3)]
    public void AStoredShapeThatDoesNotFit_IsRefusedBeforeItAllocates(long rows, long columns)
    {
        var feature = new RldsFeature("steps/x", RldsFeatureKind.Tensor, "Tensor", Arrays.DType.Float32, [-1, -1], TensorEncoding.Bytes, [], true, [], "");
        var record = Wire.Record(Wire.Example(Wire.Entry("steps/x/value", Wire.Strings(new byte[16])), Wire.Entry("steps/x/shape", Wire.Int64s(rows, columns))));
        var episode = RldsEpisode.Parse(record, new RldsSchema([feature]), 0);
        Assert.Contains("steps/x", Assert.Throws<CorruptFileException>(() => episode.Steps["x"]).Message);
    }

    private static void ReadEverything(RldsEpisode episode)
    {
        foreach (var columns in new[] { episode.Steps, episode.Metadata })
        {
            foreach (var name in columns.Names)
            {
                if (columns[name] is BytesColumn { Count: > 0 } bytes)
                    bytes.Text(0);
            }
        }
    }

    private static void Attempt(Action action)
    {
        try
        {
            action();
        }
        catch (Exception e) when (e is CorruptFileException or NotSupportedException or FileNotFoundException or ArgumentException { ParamName: "expression" })
        {
            Assert.NotEmpty(e.Message);
        }
    }
}
