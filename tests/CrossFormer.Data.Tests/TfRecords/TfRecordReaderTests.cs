using CrossFormer.Data.TfRecords;
using CrossFormer.Formats;
using CrossFormer.Testing;
using CsCheck;

namespace CrossFormer.Data.Tests.TfRecords;

public class TfRecordReaderTests
{
    private static readonly byte[][] Three = [[1, 2, 3], [], [.. Enumerable.Range(0, 1000).Select(i => (byte)i)]];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void TryRead_GivesEveryRecordWithItsOffset(bool reuseBuffer)
    {
        using var folder = new TemporaryFolder();
        using var reader = new TfRecordReader(Write(folder, Three), reuseBuffer);
        var read = new List<(long Offset, byte[] Data)>();
        while (reader.TryRead(out var record))
            read.Add((record.Offset, record.Data.ToArray()));
        Assert.Equal([0, 19, 35], read.Select(r => r.Offset));
        Assert.Equal(Three, read.Select(r => r.Data));
        Assert.Equal(reader.Length, reader.Position);
    }

    [Fact]
    public void Records_OwnTheirMemoryUnlessTheBufferIsReused()
    {
        using var folder = new TemporaryFolder();
        using var reader = new TfRecordReader(Write(folder, Three));
        Assert.True(reader.TryRead(out var first));
        Assert.True(reader.TryRead(out _));
        Assert.True(reader.TryRead(out _));
        Assert.Equal(Three[0], first.Data.ToArray());
    }

    [Fact]
    public void Index_FindsEachRecord()
    {
        using var folder = new TemporaryFolder();
        var path = Write(folder, Three);
        var index = TfRecordIndex.Build(path);
        Assert.Equal(3, index.Count);
        using var reader = new TfRecordReader(path);
        foreach (var i in new[] { 2, 0, 1 })
        {
            reader.Seek(index[i]);
            Assert.True(reader.TryRead(out var record));
            Assert.Equal(Three[i], record.Data.ToArray());
        }
    }

    [Fact]
    public void TryRead_NoticesEveryTruncation()
    {
        using var folder = new TemporaryFolder();
        var whole = Wire.Frame([5, 6, 7, 8]);
        for (var length = 1; length < whole.Length; length++)
        {
            using var reader = new TfRecordReader(folder.Write("cut", [.. whole, .. whole.AsSpan(0, length)]));
            Assert.True(reader.TryRead(out _));
            var e = Assert.Throws<CorruptFileException>(() => reader.TryRead(out _));
            Assert.Equal(whole.Length, e.Offset);
            Assert.EndsWith("cut", e.File);
        }
    }

    [Fact]
    public void TryRead_NoticesEveryFlippedBit()
    {
        var frame = Wire.Frame([9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
        using var folder = new TemporaryFolder();
        Gen.Int[0, frame.Length * 8 - 1].Sample(
            bit =>
            {
                var damaged = (byte[])frame.Clone();
                damaged[bit / 8] ^= (byte)(1 << (bit % 8));
                using var reader = new TfRecordReader(folder.Write("flipped", damaged));
                var e = Assert.Throws<CorruptFileException>(() => reader.TryRead(out _));
                Assert.Equal(0, e.Offset);
            },
            threads: 1);
    }

    [Fact]
    public void TryRead_GoesOnAfterWrongDataButNotAfterAWrongHeader()
    {
        using var folder = new TemporaryFolder();
        var (first, second) = (Wire.Frame([1, 2, 3]), Wire.Frame([4]));
        first[12] ^= 1;
        using var data = new TfRecordReader(folder.Write("data", [.. first, .. second]));
        Assert.Throws<CorruptFileException>(() => data.TryRead(out _));
        Assert.True(data.TryRead(out var next));
        Assert.Equal([4], next.Data.ToArray());

        first[8] ^= 1;
        using var header = new TfRecordReader(folder.Write("header", [.. first, .. second]));
        Assert.Throws<CorruptFileException>(() => header.TryRead(out _));
        Assert.Equal(0, header.Position);
    }

    [Theory]
    [InlineData(ulong.MaxValue)]
    [InlineData(1UL << 62)]
    [InlineData(int.MaxValue)]
    [InlineData(1)]
    public void TryRead_RefusesALengthBeyondTheFileBeforeItAllocates(ulong length)
    {
        var header = new byte[12];
        BitConverter.TryWriteBytes(header, length);
        BitConverter.TryWriteBytes(header.AsSpan(8), MaskedCrc32C.Compute(header.AsSpan(0, 8)));
        using var folder = new TemporaryFolder();
        using var reader = new TfRecordReader(folder.Write("lie", [.. header, 0, 0, 0, 0]));
        var before = GC.GetAllocatedBytesForCurrentThread();
        var e = Assert.Throws<CorruptFileException>(() => reader.TryRead(out _));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
        Assert.Contains(length.ToString(), e.Message);
    }

    [Fact]
    public void TryRead_AllocatesNothingInAReusedBuffer()
    {
        using var folder = new TemporaryFolder();
        using var reader = new TfRecordReader(Write(folder, [.. Enumerable.Repeat(Three[2], 50)]), reuseBuffer: true);
        Assert.Equal(0, Allocation.Least(() => Assert.True(reader.TryRead(out _))));
    }

    private static string Write(TemporaryFolder folder, byte[][] records) => folder.Write("records", [.. records.SelectMany(Wire.Frame)]);
}
