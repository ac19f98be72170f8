using System.Buffers.Binary;
using CrossFormer.Arrays;

namespace CrossFormer.Formats;

/// <summary>An array whose chunks lie in a store. Every chunk decodes to its full size, at the edges too, and is cropped here.</summary>
internal sealed class ZarrArray(KeyValueStore store, string name, ZarrMetadata metadata) : StoredArray(metadata.DType, metadata.Shape)
{
    private const ulong AbsentInShard = ulong.MaxValue;

    /// <summary>Bytes of all stored chunks.</summary>
    public long StoredByteCount() => PresentChunks().Sum(c => c.Bytes.Length);

    public override void ReadInto(Span<byte> destination)
    {
        CheckLength(destination.Length);
        if (destination.Length == 0)
            return;
        // The store is asked what it has, instead of being asked for each chunk of a grid that may be absurdly fine.
        var chunks = PresentChunks().ToList();
        if (metadata.Sharding is not null || chunks.Count < GridOf(Shape, metadata.ChunkShape).Aggregate(1L, (n, g) => n * g))
            Fill(destination);
        foreach (var (index, bytes) in chunks)
        {
            var origin = Scale(index, metadata.ChunkShape);
            if (metadata.Sharding is { } sharding)
                ReadShard(bytes, sharding, origin, destination);
            else
                ReadChunk(bytes, metadata.ChunkShape, origin, destination);
        }
    }

    private IEnumerable<(int[] Index, ByteSource Bytes)> PresentChunks()
    {
        var grid = GridOf(Shape, metadata.ChunkShape);
        foreach (var key in store.KeysBelow(name))
        {
            var index = new int[Shape.Length];
            if (metadata.Keys.TryParse(key, grid, index) && store.TryGet($"{name}/{key}", out var bytes))
                yield return (index, bytes);
        }
    }

    private void ReadShard(ByteSource shard, Sharding sharding, ReadOnlySpan<long> origin, Span<byte> destination)
    {
        var grid = GridOf(metadata.ChunkShape, sharding.InnerShape);
        var count = grid.Aggregate(1L, (n, g) => n > shard.Length ? n : n * g);
        if (count > shard.Length / 16)
            throw shard.Corrupt(0, $"expected an index of {count} chunks, found a shard of {shard.Length} bytes");
        var length = (count * 16) + (sharding.IndexHasChecksum ? sizeof(uint) : 0);
        var part = sharding.IndexAtStart ? shard.Slice(0, length) : shard.Slice(shard.Length - length, length);
        ReadOnlyMemory<byte> entries = part.ReadAll();
        if (sharding.IndexHasChecksum)
            entries = ChunkCodec.CheckAndStrip(part, entries);

        var index = new int[grid.Length];
        for (var i = 0; i < count; i++)
        {
            var offset = BinaryPrimitives.ReadUInt64LittleEndian(entries.Span[(16 * i)..]);
            var size = BinaryPrimitives.ReadUInt64LittleEndian(entries.Span[((16 * i) + 8)..]);
            for (var (d, rest) = (grid.Length - 1, i); d >= 0; rest /= grid[d], d--)
                index[d] = rest % grid[d];
            if (offset == AbsentInShard && size == AbsentInShard)
                continue;
            if (offset > long.MaxValue || size > long.MaxValue)
                throw part.Corrupt(16 * i, $"chunk {i} of a shard of {shard.Length} bytes lies at {offset} and has {size} bytes");
            var inner = Scale(index, sharding.InnerShape);
            for (var d = 0; d < inner.Length; d++)
                inner[d] += origin[d];
            ReadChunk(shard.Slice((long)offset, (long)size), sharding.InnerShape, inner, destination);
        }
    }

    private void ReadChunk(ByteSource chunk, int[] chunkShape, ReadOnlySpan<long> origin, Span<byte> destination)
    {
        var elementSize = (long)DType.Size();
        var chunkBytes = chunkShape.Aggregate(elementSize, (n, d) => n * d);
        var extent = new int[Shape.Length];
        for (var d = 0; d < extent.Length; d++)
        {
            if (origin[d] >= Shape[d])
                return;
            extent[d] = (int)Math.Min(chunkShape[d], Shape[d] - origin[d]);
        }

        metadata.Codec.CheckSize(chunk, chunkBytes);
        var isWhole = extent.AsSpan().SequenceEqual(chunkShape);
        // Full rows of all but the first dimension lie in one piece: decode them where they belong. One chunk per array is the rule.
        if (isWhole && (!metadata.IsColumnMajor || Shape.Length < 2) && (extent.Length == 0 || extent.AsSpan(1).SequenceEqual(Shape.AsSpan(1))))
        {
            var start = extent.Length == 0 ? 0 : origin[0] * (ByteCount / Shape[0]);
            metadata.Codec.Decode(chunk, destination.Slice((int)start, (int)chunkBytes));
            return;
        }

        var decoded = GC.AllocateUninitializedArray<byte>((int)chunkBytes);
        metadata.Codec.Decode(chunk, decoded);
        Copy(decoded, chunkShape, extent, origin, destination);
    }

    /// <summary>Copies the part of a chunk that lies inside the array.</summary>
    private void Copy(ReadOnlySpan<byte> chunk, int[] chunkShape, int[] extent, ReadOnlySpan<long> origin, Span<byte> destination)
    {
        var (size, rank) = (DType.Size(), extent.Length);
        var (from, to) = (Strides(chunkShape, metadata.IsColumnMajor), Strides(Shape, isColumnMajor: false));
        var (target, index) = (0L, new int[rank]);
        for (var d = 0; d < rank; d++)
            target += origin[d] * to[d];
        // Dimensions of one element each have stride 1 in either order, so a row is contiguous exactly when this says so.
        var row = from[^1] == 1 ? extent[^1] : 1;
        for (var source = 0L; ;)
        {
            chunk.Slice((int)(source * size), row * size).CopyTo(destination[(int)(target * size)..]);
            var d = rank - 1;
            for (; d >= 0; d--)
            {
                var step = d == rank - 1 ? row : 1;
                index[d] += step;
                source += step * from[d];
                target += step * to[d];
                if (index[d] < extent[d])
                    break;
                source -= index[d] * from[d];
                target -= index[d] * to[d];
                index[d] = 0;
            }

            if (d < 0)
                return;
        }
    }

    private void Fill(Span<byte> destination)
    {
        var element = metadata.FillElement;
        if (!element.AsSpan().ContainsAnyExcept((byte)0))
        {
            destination.Clear();
            return;
        }

        for (; destination.Length > 0; destination = destination[element.Length..])
            element.CopyTo(destination);
    }

    private static long[] Strides(int[] shape, bool isColumnMajor)
    {
        var (strides, stride) = (new long[shape.Length], 1L);
        for (var i = 0; i < shape.Length; i++)
        {
            var d = isColumnMajor ? i : shape.Length - 1 - i;
            strides[d] = stride;
            stride *= shape[d];
        }

        return strides;
    }

    private static int[] GridOf(int[] shape, int[] chunk)
    {
        var grid = new int[shape.Length];
        for (var d = 0; d < grid.Length; d++)
            grid[d] = (int)(((long)shape[d] + chunk[d] - 1) / chunk[d]);
        return grid;
    }

    private static long[] Scale(int[] index, int[] chunkShape)
    {
        var origin = new long[index.Length];
        for (var d = 0; d < origin.Length; d++)
            origin[d] = (long)index[d] * chunkShape[d];
        return origin;
    }
}
