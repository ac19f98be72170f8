using CrossFormer.Arrays;
using PureHDF;
using PureHDF.Selections;
using PureHDF.VOL.Native;

namespace CrossFormer.Data.Conversion.Hdf5;

/// <summary>
/// Rows (along the first dimension) of a dataset of bytes, one after another. The library copies what is selected run by run, and a
/// run ends with the last dimension: an image goes by three bytes. So it is asked for single bytes only, and what it fetches for
/// them is taken whole: from chunked datasets the chunks, from others the place in the file.
/// </summary>
/// <param name="file">The file.</param>
/// <param name="dataset">A dataset of one byte a value.</param>
/// <param name="shape">Its dimensions.</param>
internal sealed class ByteRows(LeashedFile file, NativeDataset dataset, int[] shape)
{
    // What is in memory at a time of chunks that hold several rows, or parts of them.
    private const long MostBytes = 1L << 29;

    private readonly int _row = shape.Skip(1).Aggregate(1, (n, d) => checked(n * d));
    private ReadOnlyMemory<byte> _rows;
    private int _first, _count;
    private long? _start;

    /// <summary>A row; quick when they are asked for in order.</summary>
    /// <exception cref="InvalidDataException">The file does not have it, or only in chunks that are too large.</exception>
    public NdArray this[int t] => new(DType.UInt8, shape[1..], dataset.Layout.Class switch
    {
        H5DataLayoutClass.Chunked => FromChunks(t),
        H5DataLayoutClass.Contiguous => FromFile(t),
        // In the header, and small.
        _ => dataset.Read<byte[]>(new HyperslabSelection(shape.Length, Corner(t), [1, .. shape.Skip(1).Select(d => (ulong)d)])),
    });

    private ReadOnlyMemory<byte> FromChunks(int t)
    {
        if (t < _first || t >= _first + _count)
            (_first, _count, _rows) = ReadChunks(t);
        return _rows.Slice((t - _first) * _row, _row);
    }

    // All chunks that hold a part of the row, and with it of its neighbours.
    private (int First, int Count, ReadOnlyMemory<byte> Rows) ReadChunks(int t)
    {
        var chunk = Array.ConvertAll(dataset.Layout.Chunks, d => checked((int)d));
        if (chunk.Length != shape.Length || chunk.AsSpan().ContainsAnyInRange(int.MinValue, 0))
            throw new InvalidDataException($"chunks of [{string.Join(',', chunk)}] for values of [{string.Join(',', shape)}]");
        var first = t - t % chunk[0];
        var count = Math.Min(chunk[0], shape[0] - first);
        var size = chunk.Aggregate(1L, (n, d) => checked(n * d));
        if (Math.Max(size, (long)count * _row) > MostBytes)
            throw new InvalidDataException($"chunks of [{string.Join(',', chunk)}] values, which is too much at a time; repack the file (h5repack -l CHUNK=…)");
        var chunks = new Chunks();
        // Of each chunk its first byte.
        var counts = shape.Select((d, i) => i == 0 ? 1UL : (ulong)((d - 1) / chunk[i] + 1)).ToArray();
        var steps = Array.ConvertAll(chunk, d => (ulong)d);
        var ones = Array.ConvertAll(chunk, _ => 1UL);
        dataset.Read<byte[]>(new H5DatasetAccess(ChunkCache: chunks), new HyperslabSelection(shape.Length, Corner(first), steps, counts, ones));
        if (chunks.Read.Exists(c => c.Length < size))
            throw new InvalidDataException($"a chunk of {chunks.Read.Min(c => c.Length)} bytes; expected {size}");
        if (chunks.Read is [var whole] && chunk.AsSpan(1).SequenceEqual(shape.AsSpan(1)))
            return (first, count, whole);
        var rows = new byte[count * _row];
        int[] target = [count, .. shape.AsSpan(1)];
        var corner = new int[shape.Length];
        foreach (var part in chunks.Read)
        {
            Copy(part.Span[..(int)size], chunk, rows, target, corner);
            for (var i = shape.Length - 1; i > 0 && (corner[i] += chunk[i]) >= shape[i]; i--)
                corner[i] = 0;
        }

        return (first, count, rows);
    }

    // What of a chunk lies inside of the target, whose place `corner` is the chunk's first.
    private static void Copy(ReadOnlySpan<byte> chunk, ReadOnlySpan<int> chunkShape, Span<byte> target, ReadOnlySpan<int> targetShape, ReadOnlySpan<int> corner)
    {
        int from = chunk.Length / chunkShape[0], to = target.Length / targetShape[0], count = Math.Min(chunkShape[0], targetShape[0] - corner[0]);
        if (chunkShape[1..].SequenceEqual(targetShape[1..]))
        {
            chunk[..(count * from)].CopyTo(target[(corner[0] * to)..]);
            return;
        }

        for (var i = 0; i < count; i++)
            Copy(chunk.Slice(i * from, from), chunkShape[1..], target.Slice((corner[0] + i) * to, to), targetShape[1..], corner[1..]);
    }

    private byte[] FromFile(int t)
    {
        _start ??= Place(0);
        var row = new byte[_row];
        file.Position = _start.Value + (long)t * _row;
        file.ReadExactly(row);
        return row;
    }

    // Where the library finds a row's first byte.
    private long Place(int t)
    {
        file.Begin();
        dataset.Read<byte[]>(new HyperslabSelection(shape.Length, Corner(t), Array.ConvertAll(shape, _ => 1UL)));
        return file.LastRead >= 0 ? file.LastRead : throw new InvalidDataException("it was never written");
    }

    private ulong[] Corner(int t) => [(ulong)t, .. new ulong[shape.Length - 1]];

    /// <summary>Keeps the decoded chunks that the library asks for.</summary>
    private sealed class Chunks : IReadingChunkCache
    {
        public List<ReadOnlyMemory<byte>> Read { get; } = [];

        public Memory<byte> GetChunk(ulong chunkIndex, Func<Memory<byte>> chunkReader)
        {
            var chunk = chunkReader();
            Read.Add(chunk);
            return chunk;
        }
    }
}
