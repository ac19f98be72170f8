using System.Buffers.Binary;
using System.Text.Json;
using CrossFormer.Arrays;

namespace CrossFormer.Formats;

/// <summary>Zarr's <c>fill_value</c>: a number, a bool, "NaN", "Infinity", "-Infinity", or (format 3) the bits as "0x…".</summary>
internal static class FillValue
{
    /// <summary>The element's bytes; zeros when the value is null or absent.</summary>
    public static byte[] Parse(JsonElement? value, DType dtype)
    {
        var element = new byte[dtype.Size()];
        switch (value)
        {
            case null:
                break;
            case { ValueKind: JsonValueKind.True or JsonValueKind.False } flag:
                WriteNumber(flag.GetBoolean() ? 1 : 0, dtype, element);
                break;
            case { ValueKind: JsonValueKind.Number } number when dtype is DType.UInt64:
                BinaryPrimitives.WriteUInt64LittleEndian(element, number.GetUInt64());
                break;
            case { ValueKind: JsonValueKind.Number } number when dtype is DType.Int64:
                BinaryPrimitives.WriteInt64LittleEndian(element, number.GetInt64());
                break;
            case { ValueKind: JsonValueKind.Number } number:
                WriteNumber(number.GetDouble(), dtype, element);
                break;
            case { ValueKind: JsonValueKind.String } text:
                WriteText(text.GetString()!, dtype, element);
                break;
            default:
                throw new FormatException("expected a number, a bool or text as fill_value");
        }

        return element;
    }

    private static void WriteText(string text, DType dtype, byte[] element)
    {
        if (text.StartsWith("0x"))
        {
            var bits = Convert.FromHexString(text.AsSpan(2));
            if (bits.Length != element.Length)
                throw new FormatException($"expected {element.Length} bytes of fill_value, found '{text}'");
            bits.AsSpan().Reverse();
            bits.CopyTo(element, 0);
        }
        else if (dtype is DType.Float16 or DType.BFloat16 or DType.Float32 or DType.Float64)
        {
            WriteNumber(text switch
            {
                "NaN" => double.NaN,
                "Infinity" => double.PositiveInfinity,
                "-Infinity" => double.NegativeInfinity,
                _ => throw new FormatException($"'{text}' is no fill_value"),
            }, dtype, element);
        }
        else
        {
            throw new FormatException($"'{text}' is no fill_value of {dtype.NumpyName()}");
        }
    }

    private static void WriteNumber(double value, DType dtype, Span<byte> element)
    {
        switch (dtype)
        {
            case DType.Bool or DType.UInt8:
                element[0] = (byte)value;
                break;
            case DType.Int8:
                element[0] = (byte)(sbyte)value;
                break;
            case DType.UInt16:
                BinaryPrimitives.WriteUInt16LittleEndian(element, (ushort)value);
                break;
            case DType.Int16:
                BinaryPrimitives.WriteInt16LittleEndian(element, (short)value);
                break;
            case DType.UInt32:
                BinaryPrimitives.WriteUInt32LittleEndian(element, (uint)value);
                break;
            case DType.Int32:
                BinaryPrimitives.WriteInt32LittleEndian(element, (int)value);
                break;
            case DType.UInt64 or DType.Int64:
                BinaryPrimitives.WriteInt64LittleEndian(element, (long)value);
                break;
            case DType.Float16:
                BinaryPrimitives.WriteHalfLittleEndian(element, (Half)value);
                break;
            case DType.BFloat16:
                BinaryPrimitives.WriteUInt16LittleEndian(element, (ushort)(BitConverter.SingleToUInt32Bits((float)value) >> 16));
                break;
            case DType.Float32:
                BinaryPrimitives.WriteSingleLittleEndian(element, (float)value);
                break;
            default:
                BinaryPrimitives.WriteDoubleLittleEndian(element, value);
                break;
        }
    }
}
