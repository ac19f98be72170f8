using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using CrossFormer.Arrays;

namespace CrossFormer.Formats;

/// <summary>Writes trees as Flax does: every header in its shortest form, insertion order, bin type on.</summary>
/// <param name="stream">The destination.</param>
/// <param name="maxChunkBytes">A larger leaf is written in chunks.</param>
internal sealed class MsgPackWriter(Stream stream, int maxChunkBytes)
{
    public void Write(ArrayTree node)
    {
        switch (node)
        {
            case ArrayTree.Map map:
                WriteMapHeader(map.Entries.Count);
                foreach (var (key, child) in map.Entries)
                {
                    WriteText(key);
                    Write(child);
                }

                break;
            case ArrayTree.Sequence { IsTuple: true } tuple:
                // The payload's length comes first. Tuples are rare and small, so it is written aside to be counted.
                var payload = new MemoryStream();
                new MsgPackWriter(payload, maxChunkBytes).WriteItems(tuple);
                WriteExtensionHeader(MsgPackExtension.Tuple, payload.Length);
                payload.WriteTo(stream);
                break;
            case ArrayTree.Sequence sequence:
                WriteItems(sequence);
                break;
            case ArrayTree.Leaf leaf when leaf.Array.ByteCount > maxChunkBytes:
                WriteChunked(leaf.Array);
                break;
            case ArrayTree.Leaf leaf:
                WriteArrayHeader(leaf.IsScalar ? MsgPackExtension.NumpyScalar : MsgPackExtension.NdArray, leaf.Array.DType, leaf.Array.Shape, leaf.Array.ByteCount);
                leaf.Array.WriteTo(stream);
                break;
            case ArrayTree.Text text:
                WriteText(text.Value);
                break;
            case ArrayTree.Binary binary:
                WriteHeader(binary.Value.Length, 0xc4, 0xc5, 0xc6);
                stream.Write(binary.Value.Span);
                break;
            case ArrayTree.Integer integer:
                WriteInteger(integer.Value);
                break;
            case ArrayTree.Real real:
                WriteReal(real.Value);
                break;
            case ArrayTree.Complex complex:
                WriteExtensionHeader(MsgPackExtension.Complex, 1 + 2 * 9);
                stream.WriteByte(0x92);
                WriteReal(complex.Value.Real);
                WriteReal(complex.Value.Imaginary);
                break;
            case ArrayTree.Boolean boolean:
                stream.WriteByte(boolean.Value ? (byte)0xc3 : (byte)0xc2);
                break;
            default:
                stream.WriteByte(0xc0);
                break;
        }
    }

    private void WriteItems(ArrayTree.Sequence sequence)
    {
        WriteSequenceHeader(sequence.Items.Count);
        foreach (var item in sequence.Items)
            Write(item);
    }

    private void WriteChunked(StoredArray array)
    {
        WriteMapHeader(3);
        WriteText(MsgPack.ChunkedKey);
        stream.WriteByte(0xc3);
        WriteText("shape");
        WriteMapHeader(array.Shape.Length);
        for (var i = 0; i < array.Shape.Length; i++)
        {
            WriteText(i.ToString());
            WriteInteger(array.Shape[i]);
        }

        WriteText("chunks");
        var (size, length) = (array.DType.Size(), checked((int)array.ByteCount));
        var chunkBytes = Math.Max(1, maxChunkBytes / size) * size;
        WriteMapHeader((length + chunkBytes - 1) / chunkBytes);
        // No pooled array: the pool would keep this gigabyte.
        var bytes = new byte[length];
        array.ReadInto(bytes);
        for (var (start, i) = (0, 0); start < length; start += chunkBytes, i++)
        {
            var chunk = bytes.AsSpan(start, Math.Min(chunkBytes, length - start));
            WriteText(i.ToString());
            WriteArrayHeader(MsgPackExtension.NdArray, array.DType, [chunk.Length / size], chunk.Length);
            stream.Write(chunk);
        }
    }

    /// <summary>Everything of an array but its elements.</summary>
    private void WriteArrayHeader(sbyte code, DType dtype, int[] shape, long bytes)
    {
        var head = new MemoryStream(64);
        var inner = new MsgPackWriter(head, maxChunkBytes);
        inner.WriteSequenceHeader(3);
        inner.WriteSequenceHeader(shape.Length);
        foreach (var dimension in shape)
            inner.WriteInteger(dimension);
        inner.WriteText(dtype.NumpyName());
        inner.WriteHeader(bytes, 0xc4, 0xc5, 0xc6);
        WriteExtensionHeader(code, head.Length + bytes);
        head.WriteTo(stream);
    }

    private void WriteText(string text)
    {
        var bytes = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(text.Length));
        var length = Encoding.UTF8.GetBytes(text, bytes);
        if (length < 32)
            stream.WriteByte((byte)(0xa0 | length));
        else
            WriteHeader(length, 0xd9, 0xda, 0xdb);
        stream.Write(bytes, 0, length);
        ArrayPool<byte>.Shared.Return(bytes);
    }

    private void WriteInteger(Int128 value)
    {
        if (value >= 0)
        {
            if (value <= 0x7f)
                stream.WriteByte((byte)value);
            else if (value <= byte.MaxValue)
                WriteBigEndian(0xcc, (ulong)value, 1);
            else if (value <= ushort.MaxValue)
                WriteBigEndian(0xcd, (ulong)value, 2);
            else if (value <= uint.MaxValue)
                WriteBigEndian(0xce, (ulong)value, 4);
            else
                WriteBigEndian(0xcf, checked((ulong)value), 8);
        }
        else if (value >= -32)
            stream.WriteByte((byte)(sbyte)value);
        else if (value >= sbyte.MinValue)
            WriteBigEndian(0xd0, (ulong)(long)value, 1);
        else if (value >= short.MinValue)
            WriteBigEndian(0xd1, (ulong)(long)value, 2);
        else if (value >= int.MinValue)
            WriteBigEndian(0xd2, (ulong)(long)value, 4);
        else
            WriteBigEndian(0xd3, (ulong)checked((long)value), 8);
    }

    private void WriteReal(double value) => WriteBigEndian(0xcb, BitConverter.DoubleToUInt64Bits(value), 8);

    private void WriteMapHeader(long count)
    {
        if (count < 16)
            stream.WriteByte((byte)(0x80 | count));
        else
            WriteHeader(count, null, 0xde, 0xdf);
    }

    private void WriteSequenceHeader(long count)
    {
        if (count < 16)
            stream.WriteByte((byte)(0x90 | count));
        else
            WriteHeader(count, null, 0xdc, 0xdd);
    }

    private void WriteExtensionHeader(sbyte code, long length)
    {
        if (length is 1 or 2 or 4 or 8 or 16)
            stream.WriteByte((byte)(0xd4 + long.Log2(length)));
        else
            WriteHeader(length, 0xc7, 0xc8, 0xc9);
        stream.WriteByte((byte)code);
    }

    private void WriteHeader(long length, byte? with8Bits, byte with16Bits, byte with32Bits)
    {
        if (with8Bits is { } head && length <= byte.MaxValue)
            WriteBigEndian(head, (ulong)length, 1);
        else if (length <= ushort.MaxValue)
            WriteBigEndian(with16Bits, (ulong)length, 2);
        else
            WriteBigEndian(with32Bits, checked((uint)length), 4);
    }

    private void WriteBigEndian(byte head, ulong value, int bytes)
    {
        Span<byte> buffer = stackalloc byte[9];
        buffer[0] = head;
        BinaryPrimitives.WriteUInt64BigEndian(buffer[1..], value << (64 - 8 * bytes));
        stream.Write(buffer[..(1 + bytes)]);
    }
}
