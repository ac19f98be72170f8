using System.Text;
using CrossFormer.Arrays;
using CrossFormer.Formats;
using CsCheck;

namespace CrossFormer.Core.Tests.Formats;

public class SafetensorsTests
{
    private static readonly KeyValuePair<string, StoredArray>[] Small =
    [
        new("b", new MemoryArray(NdArray.From([1f, 2f], 2))),
        new("a", new MemoryArray(NdArray.From([3f], 1, 1))),
        new("z", new MemoryArray(NdArray.From([7L]))),
        new("h", new MemoryArray(new NdArray(DType.BFloat16, [1], new byte[] { 0x80, 0x3f }))),
    ];

    [Fact]
    public void Write_GivesTheBytesOfTheRustLibrary()
    {
        const string Header =
            """{"__metadata__":{"format":"flax"},"z":{"dtype":"I64","shape":[],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[1,1],"data_offsets":[8,12]}""" +
            ""","b":{"dtype":"F32","shape":[2],"data_offsets":[12,20]},"h":{"dtype":"BF16","shape":[1],"data_offsets":[20,22]}}""";
        var padded = Header.PadRight((Header.Length + 7) / 8 * 8);
        byte[] expected =
        [
            .. BitConverter.GetBytes((ulong)padded.Length), .. Encoding.UTF8.GetBytes(padded),
            .. BitConverter.GetBytes(7L), .. BitConverter.GetBytes(3f), .. BitConverter.GetBytes(1f), .. BitConverter.GetBytes(2f), 0x80, 0x3f,
        ];

        Assert.Equal(expected, Write(Small, new Dictionary<string, string> { ["format"] = "flax" }));
    }

    [Fact]
    public void Write_ThenRead_GivesEveryArrayBack() =>
        Gen.Dictionary(Gen.String[0, 20], Trees.Array)[0, 8].Sample(arrays =>
        {
            arrays.Remove("__metadata__");
            var read = Read(Write(arrays.Select(a => KeyValuePair.Create(a.Key, (StoredArray)new MemoryArray(a.Value))))).Arrays;
            Assert.Equal(arrays.Keys.Order(), read.Keys.Order());
            foreach (var (name, array) in arrays)
            {
                Assert.Equal(array.ToString(), read[name].ToString());
                Assert.True(array.Bytes.Span.SequenceEqual(read[name].Read().Bytes.Span));
            }
        }, iter: 500);

    [Fact]
    public void Read_GivesMetadata() => Assert.Equal("7", Read(Write(Small, new Dictionary<string, string> { ["step"] = "7" })).Metadata["step"]);

    [Fact]
    public void Read_RefusesTruncationAtEveryByte() => Damage.Truncate(Write(Small), ReadAll);

    [Fact]
    public void Read_SurvivesEveryFlippedBit()
    {
        var bytes = Write(Small);
        Assert.InRange(Damage.Flip(bytes, ReadAll), bytes.Length, bytes.Length * 8);
    }

    [Theory]
    [InlineData("{", "not JSON")]
    [InlineData("[]", "JSON object")]
    [InlineData("""{"a":{"dtype":"F8_E4M3","shape":[4],"data_offsets":[0,4]}}""", "unknown element type 'F8_E4M3'")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", "expected 8 bytes for 'a'")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", "absurd shape")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2147483647,2147483647,2147483647],"data_offsets":[0,4]}}""", "absurd shape")]
    [InlineData("""{"a":{"dtype":"F32","shape":[],"data_offsets":[4,0]}}""", "expected 4 bytes")]
    [InlineData("""{"a":{"dtype":"F32","shape":[],"data_offsets":[4,8]}}""", "expected 4 bytes for 'a' inside the file's 4")]
    [InlineData("""{"a":{"dtype":"U8","shape":[3],"data_offsets":[1,4]}}""", "expected 'a' to begin at 0")]
    [InlineData("""{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},"b":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}""", "expected 'b' to begin at 3")]
    [InlineData("""{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"a":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}""", "'a' occurs twice")]
    [InlineData("""{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}""", "found 2 more bytes")]
    [InlineData("""{"a":{"dtype":"F32","shape":[],"data_offsets":[0,18446744073709551615]}}""", "another form")]
    [InlineData("""{"a":{"dtype":"F32","shape":[]}}""", "'data_offsets'")]
    [InlineData("""{"__metadata__":{"a":1},"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}""", "another form")]
    public void Read_RefusesHeaders(string header, string because)
    {
        var json = Encoding.UTF8.GetBytes(header);
        byte[] file = [.. BitConverter.GetBytes((ulong)json.Length), .. json, 1, 2, 3, 4];
        Assert.Contains(because, Assert.Throws<CorruptFileException>(() => ReadAll(file)).Message);
    }

    [Theory]
    [InlineData(ulong.MaxValue)]
    [InlineData(1UL << 40)]
    [InlineData(99_999_999UL)]
    public void Read_RefusesLyingHeaderLengths(ulong length) => Assert.True(Damage.IsRefused([.. BitConverter.GetBytes(length), .. "{}"u8], ReadAll));

    private static byte[] Write(IEnumerable<KeyValuePair<string, StoredArray>> arrays, IReadOnlyDictionary<string, string>? metadata = null)
    {
        using var stream = new MemoryStream();
        Safetensors.Write(stream, arrays, metadata);
        return stream.ToArray();
    }

    private static SafetensorsFile Read(byte[] bytes) => Safetensors.Read(ByteSource.FromMemory(bytes, "test"));

    private static void ReadAll(byte[] bytes)
    {
        foreach (var (_, array) in Read(bytes).Arrays)
            array.Read();
    }
}
