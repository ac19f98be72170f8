using System.Text;
using CrossFormer.Data.TfRecords;
using CrossFormer.Formats;
using CsCheck;

namespace CrossFormer.Data.Tests.TfRecords;

public class ExampleTests
{
    private static readonly ExampleNames Names = new(["a", "b/ç", "missing"]);

    [Fact]
    public void Parse_ReadsAllThreeKinds()
    {
        var data = Wire.Example(
            Wire.Entry("a", Wire.Floats(1.5f, -2, float.NaN)),
            Wire.Entry("b/ç", Wire.Int64s(0, -1, long.MaxValue, long.MinValue, 300)),
            Wire.Entry("unasked", Wire.Strings([1], [])));
        var example = Parse(data);
        Assert.Equal([1.5f, -2, float.NaN], Singles(example, 0));
        Assert.Equal([0, -1, long.MaxValue, long.MinValue, 300], Int64s(example, 1));
        Assert.Equal(ExampleFeatureKind.Absent, example.Kind(2));
        Assert.Equal(0, example.Count(2));

        var strings = Example.Parse(Wire.Record(data), new ExampleNames(["unasked"])).ReadBytes(0);
        Assert.Equal([[1], []], strings.Select(s => s.ToArray()));
    }

    [Fact]
    public void Parse_ReadsUnpackedNumbers()
    {
        var floats = Wire.Field(2, [0x0D, .. Wire.Packed(3f), 0x0D, .. Wire.Packed(4f), .. Wire.Field(1, Wire.Packed(5f))]);
        var integers = Wire.Field(3, [0x08, .. Wire.Varint(7), .. Wire.Field(1, Wire.Packed(8L, 9L)), 0x08, .. Wire.Varint(ulong.MaxValue)]);
        var example = Parse(Wire.Example(Wire.Entry("a", floats), Wire.Entry("b/ç", integers)));
        Assert.Equal([3, 4, 5], Singles(example, 0));
        Assert.Equal([7, 8, 9, -1], Int64s(example, 1));
    }

    [Fact]
    public void Parse_PassesOverUnknownFieldsEverywhere()
    {
        byte[] unknown = [.. Wire.Field(15, [1, 2, 3]), 0x28, 0x96, 0x01, 0x31, 1, 2, 3, 4, 5, 6, 7, 8, 0x35, 1, 2, 3, 4];
        byte[] list = [.. unknown, .. Wire.Field(1, Wire.Packed(1f)), .. unknown];
        byte[] feature = [.. unknown, .. Wire.Field(2, list), .. unknown];
        byte[] entry = [.. unknown, .. Wire.Field(2, feature), .. unknown, .. Wire.Field(1, "a"u8.ToArray())];
        byte[] data = [.. unknown, .. Wire.Field(1, [.. unknown, .. Wire.Field(1, entry), .. unknown]), .. unknown];
        Assert.Equal([1], Singles(Parse(data), 0));
    }

    [Fact]
    public void Parse_KeepsTheLastOfARepeatedName() =>
        Assert.Equal([2], Singles(Parse(Wire.Example(Wire.Entry("a", Wire.Floats(1)), Wire.Entry("a", Wire.Floats(2)))), 0));

    [Fact]
    public void Parse_TakesAFeatureOfNoKindForAbsent()
    {
        Assert.Equal(ExampleFeatureKind.Absent, Parse(Wire.Example(Wire.Entry("a", []))).Kind(0));
        Assert.Equal(ExampleFeatureKind.FloatList, Parse(Wire.Example(Wire.Entry("a", Wire.Field(2, [])))).Kind(0));
    }

    public static TheoryData<string, byte[]> Malformed => new()
    {
        { "text", Encoding.UTF8.GetBytes("this is no example") },
        { "field number 0", [0x02, 0x00] },
        { "group", [0x0B] },
        { "wire type 7", [0x0F] },
        { "tag above 32 bits", [0x88, 0x80, 0x80, 0x80, 0x80, 0x01, 0x00] },
        { "features as a varint", [0x08, 0x01] },
        { "length past the end", [0x0A, 0x05, 0x00] },
        { "length of 2^63", [0x0A, .. Wire.Varint(1UL << 63)] },
        { "varint of eleven bytes", [0x10, .. Enumerable.Repeat((byte)0xFF, 10), 0x01] },
        { "varint of 65 bits", [0x10, .. Enumerable.Repeat((byte)0xFF, 9), 0x02] },
        { "half a double", [0x11, 1, 2, 3, 4] },
        { "half a float", [0x15, 1, 2] },
        { "name as a number", Wire.Field(1, Wire.Field(1, [0x08, 0x01])) },
        { "value past its entry", Wire.Field(1, Wire.Field(1, [0x12, 0x02, 0x00])) },
        { "list as a number", Wire.Example(Wire.Entry("a", [0x10, 0x01])) },
        { "list in two parts", Wire.Example(Wire.Entry("a", [.. Wire.Floats(1), .. Wire.Floats(2)])) },
        { "floats of five bytes", Wire.Example(Wire.Entry("a", Wire.Field(2, Wire.Field(1, new byte[5])))) },
        { "float as a varint", Wire.Example(Wire.Entry("a", Wire.Field(2, [0x08, 0x01]))) },
        { "integer as a fixed64", Wire.Example(Wire.Entry("a", Wire.Field(3, [0x09, 1, 2, 3, 4, 5, 6, 7, 8]))) },
        { "unfinished integer", Wire.Example(Wire.Entry("a", Wire.Field(3, Wire.Field(1, [0x05, 0x80])))) },
        { "string as a varint", Wire.Example(Wire.Entry("a", Wire.Field(1, [0x08, 0x01]))) },
    };

    [Theory]
    [MemberData(nameof(Malformed))]
    public void Malformed_IsRefusedWithFileAndOffset(string what, byte[] data)
    {
        var e = Assert.Throws<CorruptFileException>(() => ReadAll(data));
        Assert.Equal("memory", e.File);
        Assert.InRange(e.Offset, 12, 12 + data.Length);
        Assert.NotEmpty(what);
    }

    [Fact]
    public void AnyTruncationOrMutation_IsReadOrRefusedButNeverCrashes()
    {
        var good = Wire.Example(
            Wire.Entry("a", Wire.Floats(1, 2, 3)),
            Wire.Entry("b/ç", Wire.Int64s(1, -2, 300)),
            Wire.Entry("missing", Wire.Strings("hello"u8.ToArray(), [])));
        Gen.Select(Gen.Int[0, good.Length - 1], Gen.Byte, Gen.Int[0, good.Length]).Sample((at, value, length) =>
        {
            var bytes = good[..length];
            if (at < length)
                bytes[at] = value;
            try
            {
                ReadAll(bytes);
            }
            catch (CorruptFileException e)
            {
                Assert.Equal("memory", e.File);
            }
        });
    }

    [Fact]
    public void RoundTrip_OfAnyLists() =>
        Gen.Select(Gen.Float.Array, Gen.Long.Array, Gen.Byte.Array.Array).Sample((floats, integers, strings) =>
        {
            var names = new ExampleNames(["f", "i", "s"]);
            var example = Example.Parse(
                Wire.Record(Wire.Example(Wire.Entry("s", Wire.Strings(strings)), Wire.Entry("i", Wire.Int64s(integers)), Wire.Entry("f", Wire.Floats(floats)))), names);
            Assert.Equal(floats, Singles(example, 0));
            Assert.Equal(integers, Int64s(example, 1));
            Assert.Equal(strings, example.ReadBytes(2).Select(b => b.ToArray()));
        });

    private static Example Parse(byte[] data) => Example.Parse(Wire.Record(data), Names);

    private static void ReadAll(byte[] data)
    {
        var example = Parse(data);
        for (var slot = 0; slot < Names.Count; slot++)
        {
            switch (example.Kind(slot))
            {
                case ExampleFeatureKind.FloatList:
                    Singles(example, slot);
                    break;
                case ExampleFeatureKind.Int64List:
                    Int64s(example, slot);
                    break;
                case ExampleFeatureKind.BytesList:
                    example.ReadBytes(slot);
                    break;
            }
        }
    }

    private static float[] Singles(Example example, int slot)
    {
        var values = new float[example.Count(slot)];
        example.ReadSingles(slot, values);
        return values;
    }

    private static long[] Int64s(Example example, int slot)
    {
        var values = new long[example.Count(slot)];
        example.ReadInt64s(slot, values);
        return values;
    }
}
