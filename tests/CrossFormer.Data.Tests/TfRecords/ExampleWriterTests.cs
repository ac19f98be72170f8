using CrossFormer.Data.TfRecords;
using CsCheck;

namespace CrossFormer.Data.Tests.TfRecords;

public class ExampleWriterTests
{
    [Fact]
    public void ToArray_IsWhatProtobufDemands()
    {
        var writer = new ExampleWriter();
        writer.AddInt64s("is_first", new long[] { 1, 0, -1 });
        writer.AddSingles("action", new[] { 1.5f, -2f });
        writer.AddBytes("text", [new byte[] { 1 }, Array.Empty<byte>()]);

        Assert.Equal(
            Wire.Example(
                Wire.Entry("is_first", Wire.Int64s(1, 0, -1)),
                Wire.Entry("action", Wire.Floats(1.5f, -2f)),
                Wire.Entry("text", Wire.Strings([1], []))),
            writer.ToArray());
    }

    [Fact]
    public void EmptyLists_KeepTheirKind()
    {
        var writer = new ExampleWriter();
        writer.AddInt64s("a", ReadOnlyMemory<long>.Empty);
        writer.AddSingles("b", ReadOnlyMemory<float>.Empty);
        writer.AddBytes("c", []);

        Assert.Equal(Wire.Example(Wire.Entry("a", [0x1A, 0]), Wire.Entry("b", [0x12, 0]), Wire.Entry("c", [0x0A, 0])), writer.ToArray());
    }

    [Fact]
    public void WhatIsWritten_IsReadAgain()
    {
        var lists =
            from integers in Gen.Long.Array[0, 300]
            from floats in Gen.Single.Array[0, 300]
            from strings in Gen.Byte.Array[0, 300].Array[0, 20]
            select (integers, floats, strings);
        lists.Sample(sample =>
        {
            var writer = new ExampleWriter();
            writer.AddSingles("é", sample.floats);
            writer.AddInt64s("i", sample.integers);
            writer.AddBytes("s", [.. sample.strings.Select(s => (ReadOnlyMemory<byte>)s)]);
            var names = new ExampleNames(["i", "é", "s"]);
            var example = Example.Parse(Wire.Record(writer.ToArray()), names);
            var integers = new long[example.Count(0)];
            example.ReadInt64s(0, integers);
            var floats = new float[example.Count(1)];
            example.ReadSingles(1, floats);
            Assert.Equal(sample.integers, integers);
            Assert.Equal(sample.floats.Select(BitConverter.SingleToInt32Bits), floats.Select(BitConverter.SingleToInt32Bits));
            Assert.Equal(sample.strings, example.ReadBytes(2).Select(b => b.ToArray()));
        });
    }

    [Fact]
    public void Frames_AreThoseThatTheReaderExpects()
    {
        Gen.Byte.Array[0, 5000].Array[1, 5].Sample(records =>
        {
            using var stream = new MemoryStream();
            var writer = new TfRecordWriter(stream);
            foreach (var record in records)
                writer.Write(record);
            Assert.Equal(records.SelectMany(Wire.Frame), stream.ToArray());
        });
    }
}
