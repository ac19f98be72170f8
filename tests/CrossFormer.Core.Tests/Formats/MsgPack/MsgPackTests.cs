using CrossFormer.Arrays;
using CrossFormer.Formats;
using CsCheck;

namespace CrossFormer.Core.Tests.Formats;

public class MsgPackTests
{
    private static readonly ArrayTree OfEveryKind = new ArrayTree.Map(
    [
        new("array", new ArrayTree.Leaf(new MemoryArray(NdArray.From([1.5f, -2, 3, 4, 5, 6], 2, 3)))),
        new("bfloat16", new ArrayTree.Leaf(new MemoryArray(new NdArray(DType.BFloat16, [2], new byte[] { 0x80, 0x3f, 0xc0, 0xbf })))),
        new("scalar", new ArrayTree.Leaf(new MemoryArray(NdArray.From([7L])), isScalar: true)),
        new("list", new ArrayTree.Sequence([new ArrayTree.Integer(-1), new ArrayTree.Integer(300), ArrayTree.Nil])),
        new("tuple", new ArrayTree.Sequence([new ArrayTree.Boolean(true), new ArrayTree.Real(0.5)], isTuple: true)),
        new("complex", new ArrayTree.Complex(new(1, -1))),
        new("text", new ArrayTree.Text("PLACEHOLDER://a.b")),
        new("bytes", new ArrayTree.Binary(new byte[] { 1, 2, 3 })),
        new("empty", new ArrayTree.Map([])),
    ]);

    [Fact]
    public void Write_ThenRead_GivesEveryTreeBack() =>
        Trees.Any.Sample(tree => Assert.Equal(Trees.Describe(tree), Trees.Describe(Trees.Read(Trees.Write(tree)))), iter: 3000);

    [Fact]
    public void Write_OfWhatWasRead_RepeatsTheBytes() =>
        Trees.Any.Sample(tree =>
        {
            var bytes = Trees.Write(tree);
            Assert.Equal(bytes, Trees.Write(Trees.Read(bytes)));
        }, iter: 1000);

    // The bytes are what Python's msgpack 1.0 with flax 0.7.5's _msgpack_ext_pack gives.
    [Theory]
    [InlineData("00", 0)]
    [InlineData("7f", 127)]
    [InlineData("cc80", 128)]
    [InlineData("cd0100", 256)]
    [InlineData("ce00010000", 65536)]
    [InlineData("cf0000000100000000", 4294967296)]
    [InlineData("e0", -32)]
    [InlineData("d0df", -33)]
    [InlineData("d1ff7f", -129)]
    [InlineData("d2ffff7fff", -32769)]
    [InlineData("d3ffffffff7fffffff", -2147483649)]
    public void Write_TakesTheShortestInteger(string hex, long value)
    {
        Assert.Equal(hex, Convert.ToHexStringLower(Trees.Write(new ArrayTree.Integer(value))));
        Assert.Equal(value, (long)Assert.IsType<ArrayTree.Integer>(Trees.Read(Convert.FromHexString(hex))).Value);
    }

    [Fact]
    public void Write_ChunksLargeLeavesAsFlaxDoes_AndReadJoinsThem()
    {
        var array = Formula.Symmetric("chunked", 1, 3, 7);
        var stream = new MemoryStream();

        new MsgPackWriter(stream, maxChunkBytes: 20).Write(new ArrayTree.Map([new("w", new ArrayTree.Leaf(new MemoryArray(array)))]));

        var text = System.Text.Encoding.Latin1.GetString(stream.ToArray());
        Assert.StartsWith("\x81\xa1w\x83\xb9__msgpack_chunked_array__\xc3\xa5shape\x82\xa1" + "0\x03\xa1" + "1\x07\xa6" + "chunks\x85\xa1" + "0", text);
        var read = Trees.Read(stream.ToArray()).FlattenArrays()["w"];
        Assert.Equal([3, 7], read.Shape);
        Assert.Equal(array.AsSpan<float>().ToArray(), read.Read().AsSpan<float>().ToArray());
    }

    [Fact]
    public void Open_LeavesElementsInTheFile()
    {
        using var folder = new TemporaryFolder();
        var array = Formula.Symmetric("lazy", 1, 1024, 1024);
        using (var file = File.Create(folder["checkpoint"]))
            MsgPack.Write(file, new ArrayTree.Map([new("w", new ArrayTree.Leaf(new MemoryArray(array)))]));
        var before = GC.GetAllocatedBytesForCurrentThread();

        var stored = MsgPack.Open(folder["checkpoint"]).FlattenArrays()["w"];
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        // The name may stand for another file by now; the array still comes from the one that was opened.
        File.Delete(folder["checkpoint"]);

        Assert.InRange(allocated, 0, 64 << 10);
        Assert.True(array.Bytes.Span.SequenceEqual(stored.Read().Bytes.Span));
    }

    [Fact]
    public void Read_RefusesTruncationAtEveryByte() => Damage.Truncate(Trees.Write(OfEveryKind), Trees.ReadAll);

    [Fact]
    public void Read_SurvivesEveryFlippedBit()
    {
        var bytes = Trees.Write(OfEveryKind);
        Assert.InRange(Damage.Flip(bytes, Trees.ReadAll), bytes.Length, bytes.Length * 8);
    }

    [Theory]
    [InlineData("", "expected 1 more bytes")]
    [InlineData("c1", "0xc1 starts no msgpack value")]
    [InlineData("0000", "expected the end of the file")]
    [InlineData("dfffffffff", "expected 4294967295 values")]
    [InlineData("ddffffffff", "expected 4294967295 values")]
    [InlineData("dbffffffff", "expected 4294967295 more bytes")]
    [InlineData("c6ffffffff", "expected 4294967295 more bytes")]
    [InlineData("c9ffffffff01", "expected 4294967295 bytes of extension type 1")]
    [InlineData("8100c0", "expected a map's key, found 0x00")]
    [InlineData("82a161c0a161c0", "'a' occurs twice")]
    [InlineData("a1ff", "UTF-8")]
    [InlineData("c70005", "unknown extension type 5")]
    [InlineData("d40193", "expected 3 values")]
    [InlineData("c70b01939101a5696e743634c400", "expected 8 bytes for int64[1], found 0")]
    [InlineData("c70b019391ffa4626f6f6cc40100", "a dimension of -1")]
    [InlineData("c70c019390a6666c6f617438c40100", "unknown element type 'float8'")]
    [InlineData("c71d0193dc0004ce7fffffffce7fffffffce7fffffffce7fffffffa4626f6f6cc400", "absurd shape")]
    [InlineData("81b95f5f6d73677061636b5f6368756e6b65645f61727261795f5fc3", "chunked array's maps")]
    public void Read_Refuses(string hex, string because)
    {
        var bytes = Convert.FromHexString(hex);
        Assert.True(Damage.IsRefused(bytes, Trees.ReadAll));
        Assert.Contains(because, Assert.Throws<CorruptFileException>(() => Trees.ReadAll(bytes)).Message);
    }

    [Theory]
    [InlineData(0x91)]
    [InlineData(0x81)]
    public void Read_RefusesDeepNesting(byte head)
    {
        byte[] level = head == 0x91 ? [0x91] : [0x81, 0xa0];
        var bytes = Enumerable.Repeat(level, 1_000_000).SelectMany(b => b).ToArray();
        Assert.Contains("nested deeper", Assert.Throws<CorruptFileException>(() => Trees.Read(bytes)).Message);
    }

    [Fact]
    public void Read_NamesFileAndOffset()
    {
        var error = Assert.Throws<CorruptFileException>(() => Trees.Read([0x92, 0x01, 0xc1]));
        Assert.Equal(("test", 2), (error.File, error.Offset));
    }
}
