using CrossFormer.Arrays;
using CrossFormer.Formats;
using CrossFormer.Testing;
using CsCheck;

namespace CrossFormer.Core.Tests.Formats;

public class NpzTests
{
    [Fact]
    public void Write_ThenRead_GivesEveryArrayBack() =>
        Gen.Dictionary(Gen.String[Gen.Char['a', 'z'], 1, 10], Trees.Array.Where(a => a.DType != DType.BFloat16))[0, 6].Sample(arrays =>
        {
            var read = Read(Write(arrays));
            Assert.Equal(arrays.Keys.Order(), read.Keys.Order());
            foreach (var (name, array) in arrays)
            {
                Assert.Equal(array.ToString(), read[name].ToString());
                Assert.True(array.Bytes.Span.SequenceEqual(read[name].Bytes.Span));
            }
        }, iter: 300);

    // numpy 1.24: np.lib.format.write_array(stream, np.array([[1, 2, 3]], np.int16), (1, 0)).
    [Fact]
    public void WriteNpy_GivesTheBytesOfNumpy()
    {
        using var stream = new MemoryStream();

        Npz.WriteNpy(stream, new MemoryArray(NdArray.From(new short[] { 1, 2, 3 }, 1, 3)));

        var header = "{'descr': '<i2', 'fortran_order': False, 'shape': (1, 3), }".PadRight(117) + "\n";
        byte[] expected = [0x93, .. "NUMPY"u8, 1, 0, 118, 0, .. System.Text.Encoding.ASCII.GetBytes(header), 1, 0, 2, 0, 3, 0];
        Assert.Equal(expected, stream.ToArray());
    }

    [Fact]
    public void Write_RefusesBFloat16() =>
        Assert.Throws<ArgumentException>(() => Write(new Dictionary<string, NdArray> { ["a"] = NdArray.Zeros(DType.BFloat16, 1) }));

    [Fact]
    [Trait(Goldens.Category, Goldens.Reference)]
    public void Write_OfWhatNumpyWrote_IsReadAlike()
    {
        var arrays = Goldens.Arrays("checkpoints", "expected.npz");
        var read = Read(Write(arrays));
        Assert.All(arrays, a => Assert.True(a.Value.Bytes.Span.SequenceEqual(read[a.Key].Bytes.Span)));
    }

    [Fact]
    public void Read_RefusesTruncationAtEveryByte() =>
        Damage.Truncate(Write(new Dictionary<string, NdArray> { ["a"] = NdArray.From([1f, 2f], 2), ["b"] = NdArray.From([1L]) }), bytes => Read(bytes));

    [Fact]
    public void Read_SurvivesEveryFlippedBit()
    {
        var bytes = Write(new Dictionary<string, NdArray> { ["a"] = NdArray.From([1f, 2f], 2) });
        Assert.InRange(Damage.Flip(bytes, damaged => Read(damaged)), bytes.Length, bytes.Length * 8);
    }

    private static byte[] Write(IEnumerable<KeyValuePair<string, NdArray>> arrays)
    {
        using var stream = new MemoryStream();
        Npz.Write(stream, arrays.Select(a => KeyValuePair.Create(a.Key, (StoredArray)new MemoryArray(a.Value))));
        return stream.ToArray();
    }

    private static IReadOnlyDictionary<string, NdArray> Read(byte[] bytes) => Npz.Read(new MemoryStream(bytes), "test");
}
