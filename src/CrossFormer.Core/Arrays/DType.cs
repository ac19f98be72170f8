namespace CrossFormer.Arrays;

/// <summary>Element type of an array, by its numpy name. Multi-byte types are little-endian everywhere in this project.</summary>
public enum DType
{
    /// <summary>One byte, 0 or 1.</summary>
    Bool,
    /// <summary>Unsigned 8-bit integer; images are this.</summary>
    UInt8,
    /// <summary>Signed 8-bit integer.</summary>
    Int8,
    /// <summary>Unsigned 16-bit integer.</summary>
    UInt16,
    /// <summary>Signed 16-bit integer.</summary>
    Int16,
    /// <summary>Unsigned 32-bit integer.</summary>
    UInt32,
    /// <summary>Signed 32-bit integer.</summary>
    Int32,
    /// <summary>Unsigned 64-bit integer.</summary>
    UInt64,
    /// <summary>Signed 64-bit integer.</summary>
    Int64,
    /// <summary>IEEE half precision.</summary>
    Float16,
    /// <summary>The upper half of a float32.</summary>
    BFloat16,
    /// <summary>IEEE single precision.</summary>
    Float32,
    /// <summary>IEEE double precision.</summary>
    Float64,
}

/// <summary>Sizes and numpy names of <see cref="DType"/>.</summary>
public static class DTypes
{
    private static readonly (DType Type, string Name, string Code, int Size)[] Table =
    [
        (DType.Bool, "bool", "|b1", 1),
        (DType.UInt8, "uint8", "|u1", 1),
        (DType.Int8, "int8", "|i1", 1),
        (DType.UInt16, "uint16", "<u2", 2),
        (DType.Int16, "int16", "<i2", 2),
        (DType.UInt32, "uint32", "<u4", 4),
        (DType.Int32, "int32", "<i4", 4),
        (DType.UInt64, "uint64", "<u8", 8),
        (DType.Int64, "int64", "<i8", 8),
        (DType.Float16, "float16", "<f2", 2),
        (DType.BFloat16, "bfloat16", "bfloat16", 2),
        (DType.Float32, "float32", "<f4", 4),
        (DType.Float64, "float64", "<f8", 8),
    ];

    /// <summary>Bytes of one element.</summary>
    public static int Size(this DType type) => Table[(int)type].Size;

    /// <summary>The numpy name, for example <c>float32</c>.</summary>
    public static string NumpyName(this DType type) => Table[(int)type].Name;

    /// <summary>The array-interface code, for example <c>&lt;f4</c>; <c>bfloat16</c> has none and keeps its name, as Zarr writes it.</summary>
    public static string Code(this DType type) => Table[(int)type].Code;

    /// <summary>Reads a numpy name (<c>float32</c>) or an array-interface code (<c>&lt;f4</c>).</summary>
    /// <returns>False when the name is none that this project knows (big-endian and structured types included).</returns>
    public static bool TryParse(string name, out DType type)
    {
        foreach (var row in Table)
        {
            // '=' (native order) and a missing order mark occur beside '<' and '|'; all machines we run on are little-endian.
            if (row.Name == name || row.Code == name || (name.Length > 1 && name[0] is '=' or '|' or '<' && row.Code[1..] == name[1..]))
            {
                type = row.Type;
                return true;
            }
        }

        type = default;
        return false;
    }
}
