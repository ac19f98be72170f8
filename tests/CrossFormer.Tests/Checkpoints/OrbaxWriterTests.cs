using CrossFormer.Arrays;
using CrossFormer.Checkpoints;
using CrossFormer.Testing;
using CrossFormer.Text;

namespace CrossFormer.Tests.Checkpoints;

public sealed class OrbaxWriterTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [Trait(Goldens.Category, Goldens.Reference)]
    [InlineData("msgpack")]
    [InlineData("ocdbt")]
    [InlineData("zarr")]
    public void WriteMsgpack_OfTheReferencesCheckpoint_GivesTheReferencesBytes(string form)
    {
        var (source, reference) = (OrbaxDirectory.Open(Goldens.File("checkpoints", form)), Goldens.File("checkpoints", "msgpack"));

        OrbaxWriter.WriteMsgpack(_folder["copy"], 7, source.ReadParameters().Arrays, source.ReadDescription());

        string[] files = ["7/default/checkpoint", "config.json", "dataset_statistics.json", "example_batch.msgpack"];
        Assert.Equal(files, Directory.EnumerateFiles(_folder["copy"], "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(_folder["copy"], f)).Order());
        foreach (var file in files)
            Assert.Equal(File.ReadAllBytes(Path.Combine(file.StartsWith('7') ? reference : source.Root, file)), File.ReadAllBytes(_folder["copy", file]));
    }

    [Fact]
    public void TableOfInstructions_TravelsWithTheCheckpoint()
    {
        var table = EmbeddingTable.Build([("lift", [1f, 2f]), ("push", [3f, 4f])]);
        var source = OrbaxDirectory.Open(Goldens.File("checkpoints", "msgpack"));
        var (parameters, description) = (source.ReadParameters().Arrays, source.ReadDescription() with { Instructions = table });

        OrbaxWriter.WriteMsgpack(_folder["msgpack"], 7, parameters, description);
        OrbaxWriter.WriteSafetensors(_folder["safetensors"], 7, parameters, description);
        File.Move(_folder["safetensors", "model.safetensors"], _folder["safetensors", "weights.safetensors"]);

        foreach (var copy in new[] { "msgpack", "safetensors" })
        {
            Assert.Equal(parameters.Count, OrbaxDirectory.Open(_folder[copy]).ReadParameters().Arrays.Count);
            Assert.Equal([3f, 4f], OrbaxDirectory.Open(_folder[copy]).ReadDescription().Instructions!.Encode("push"));
        }
    }

    [Fact]
    [Trait(Goldens.Category, Goldens.Reference)]
    public void WriteSafetensors_KeepsEveryBitAndTheStep()
    {
        var source = OrbaxDirectory.Open(Goldens.File("checkpoints", "msgpack"));
        var expected = source.ReadParameters().Arrays;

        OrbaxWriter.WriteSafetensors(_folder["copy"], 7, expected, source.ReadDescription());

        foreach (var path in new[] { _folder["copy"], _folder["copy", "model.safetensors"] })
        {
            var copy = OrbaxDirectory.Open(path);
            var parameters = copy.ReadParameters();
            Assert.Equal((7, CheckpointForm.Safetensors), (parameters.Step, parameters.Form));
            Assert.Equal(expected.Keys.Order(StringComparer.Ordinal), parameters.Arrays.Keys.Order(StringComparer.Ordinal));
            Assert.All(expected, e => Assert.True(e.Value.Read().Bytes.Span.SequenceEqual(parameters.Arrays[e.Key].Read().Bytes.Span)));
            Assert.Equal(source.ReadConfig(), copy.ReadConfig());
            Assert.Throws<FileNotFoundException>(() => copy.ReadParameters(8));
        }
    }

    [Fact]
    [Trait(Goldens.Category, Goldens.Reference)]
    public void WriteMsgpack_OfSafetensorsMadeFromTheReference_GivesTheReferencesBytes()
    {
        var source = OrbaxDirectory.Open(Goldens.File("checkpoints", "msgpack"));
        OrbaxWriter.WriteSafetensors(_folder["safetensors"], 7, source.ReadParameters().Arrays, source.ReadDescription());

        OrbaxWriter.WriteMsgpack(_folder["msgpack"], 7, OrbaxDirectory.Open(_folder["safetensors"]).ReadParameters().Arrays, source.ReadDescription());

        Assert.Equal(File.ReadAllBytes(Path.Combine(source.Root, "7", "default", "checkpoint")), File.ReadAllBytes(_folder["msgpack", "7", "default", "checkpoint"]));
    }

    [Fact]
    public void WriteMsgpack_NamesAnUnfinishedStepAsOrbaxDoes()
    {
        Write(1, 1);
        string[] during = [];
        var spy = new ComputedArray(DType.UInt8, [1], _ => during = Directory.GetDirectories(_folder["root"]));

        OrbaxWriter.WriteMsgpack(_folder["root"], 2, [new("a", spy)], Description);

        Assert.Single(during, folder => System.Text.RegularExpressions.Regex.IsMatch(Path.GetFileName(folder), @"^2\.orbax-checkpoint-tmp-\d+$"));
        Assert.Equal([1, 2], OrbaxDirectory.Open(_folder["root"]).Steps);
    }

    [Fact]
    public void WriteMsgpack_AddsAndReplacesSteps()
    {
        Write(1, 1);
        Write(2, 2);
        Write(2, 3);

        var checkpoint = OrbaxDirectory.Open(_folder["root"]);

        Assert.Equal([1, 2], checkpoint.Steps);
        Assert.Equal([3f], checkpoint.ReadParameters().Arrays["a/b"].Read().ToSingles());
        Assert.Equal(5, Directory.GetFileSystemEntries(_folder["root"]).Length);
    }

    [Fact]
    public void WriteMsgpack_OverTheStepThatItReads_KeepsItsContent()
    {
        Write(1, 1);
        var checkpoint = OrbaxDirectory.Open(_folder["root"]);

        OrbaxWriter.WriteMsgpack(_folder["root"], 1, checkpoint.ReadParameters().Arrays, checkpoint.ReadDescription());

        Assert.Equal([1f], OrbaxDirectory.Open(_folder["root"]).ReadParameters().Arrays["a/b"].Read().ToSingles());
    }

    [Fact]
    public void WriteMsgpack_ThatFailsHalfway_LeavesTheOldStep()
    {
        Write(1, 1);
        KeyValuePair<string, StoredArray>[] parameters =
            [new("a/b", new MemoryArray(NdArray.From([2f]))), new("c", new ComputedArray(DType.Float32, [1], _ => throw new InvalidOperationException("the device is gone")))];

        Assert.Throws<InvalidOperationException>(() => OrbaxWriter.WriteMsgpack(_folder["root"], 1, parameters, Description));

        Assert.Equal(["a/b"], OrbaxDirectory.Open(_folder["root"]).ReadParameters().Arrays.Keys);
        Assert.Equal(4, Directory.GetFileSystemEntries(_folder["root"]).Length);
    }

    [Fact]
    public void WriteMsgpack_RefusesWhatIsNoTree_BeforeItTouchesAnything()
    {
        var array = new MemoryArray(NdArray.From([1f]));
        Assert.Throws<ArgumentException>(() => OrbaxWriter.WriteMsgpack(_folder["root"], 1, [new("a", array), new("a/b", array)], Description));
        Assert.Throws<ArgumentOutOfRangeException>(() => OrbaxWriter.WriteMsgpack(_folder["root"], -1, [new("a", array)], Description));
        Assert.False(Directory.Exists(_folder["root"]));
    }

    [Fact]
    public void WriteMsgpack_StreamsItsParameters()
    {
        const int Count = 64;
        var parameters = Enumerable.Range(0, Count).Select(i =>
            KeyValuePair.Create($"p{i}", (StoredArray)new ComputedArray(DType.UInt8, [1 << 20], span => span.Fill((byte)i))));
        var before = GC.GetAllocatedBytesForCurrentThread();

        OrbaxWriter.WriteMsgpack(_folder["root"], 1, parameters, Description);

        // 64 MiB went through one pooled buffer of one.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 << 20);
        Assert.Equal(63, OrbaxDirectory.Open(_folder["root"]).ReadParameters().Arrays["p63"].Read().Bytes.Span[^1]);
    }

    private static CheckpointDescription Description { get; } = new("{}"u8.ToArray(), "{}"u8.ToArray(), new ArrayTree.Map([]));

    private void Write(int step, float value) =>
        OrbaxWriter.WriteMsgpack(_folder["root"], step, [new("a/b", new MemoryArray(NdArray.From([value])))], Description);
}
