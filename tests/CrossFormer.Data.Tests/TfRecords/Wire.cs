using System.Buffers.Binary;
using System.Text;
using CrossFormer.Data.TfRecords;

namespace CrossFormer.Data.Tests.TfRecords;

/// <summary>Writes protobuf fields and TFRecord frames by hand, right or wrong.</summary>
internal static class Wire
{
    public static byte[] Varint(ulong value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7)
            bytes.Add((byte)(value | 0x80));
        bytes.Add((byte)value);
        return [.. bytes];
    }

    public static byte[] Field(int number, byte[] payload) => [.. Varint((ulong)number << 3 | 2), .. Varint((ulong)payload.Length), .. payload];

    public static byte[] Packed(params float[] values)
    {
        var bytes = new byte[values.Length * 4];
        for (var i = 0; i < values.Length; i++)
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * 4), values[i]);
        return bytes;
    }

    public static byte[] Packed(params long[] values) => [.. values.SelectMany(v => Varint((ulong)v))];

    public static byte[] Floats(params float[] values) => Field(2, Field(1, Packed(values)));

    public static byte[] Int64s(params long[] values) => Field(3, Field(1, Packed(values)));

    public static byte[] Strings(params byte[][] values) => Field(1, [.. values.SelectMany(v => Field(1, v))]);

    public static byte[] Entry(string name, byte[] feature) => Field(1, [.. Field(1, Encoding.UTF8.GetBytes(name)), .. Field(2, feature)]);

    public static byte[] Example(params byte[][] entries) => Field(1, [.. entries.SelectMany(e => e)]);

    public static byte[] Frame(byte[] data)
    {
        var frame = new byte[12 + data.Length + 4];
        BinaryPrimitives.WriteUInt64LittleEndian(frame, (ulong)data.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(frame.AsSpan(8), MaskedCrc32C.Compute(frame.AsSpan(0, 8)));
        data.CopyTo(frame, 12);
        BinaryPrimitives.WriteUInt32LittleEndian(frame.AsSpan(12 + data.Length), MaskedCrc32C.Compute(data));
        return frame;
    }

    public static TfRecord Record(byte[] data) => new("memory", 0, data);
}
