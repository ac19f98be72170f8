using CrossFormer.Arrays;

namespace CrossFormer.Data.Conversion.Tables;

/// <summary>A column of a table: numbers, texts, or files. Exactly one of the three is there.</summary>
internal sealed record TableColumn
{
    public TableColumn(NdArray numbers) => (Numbers, Rows) = (numbers, numbers.Shape[0]);

    public TableColumn(string[] texts) => (Texts, Rows) = (texts, texts.Length);

    public TableColumn(ReadOnlyMemory<byte>[] files) => (Files, Rows) = (files, files.Length);

    /// <summary>[rows, …].</summary>
    public NdArray? Numbers { get; }

    public string[]? Texts { get; }

    public ReadOnlyMemory<byte>[]? Files { get; }

    public int Rows { get; }

    /// <summary>Rows of it.</summary>
    public TableColumn Slice(int first, int count)
    {
        if (first == 0 && count == Rows)
            return this;
        if (Numbers is not { } numbers)
            return Texts is not null ? new(Texts[first..(first + count)]) : new(Files![first..(first + count)]);
        var row = numbers.Bytes.Length / Rows;
        return new(new NdArray(numbers.DType, [count, .. numbers.Shape.AsSpan(1)], numbers.Bytes.Slice(first * row, count * row)));
    }

    /// <summary>Columns of one kind, one below the other; null when kinds, element types or shapes differ.</summary>
    public static TableColumn? Concatenate(IReadOnlyList<TableColumn> parts)
    {
        var first = parts[0];
        if (parts.Count == 1)
            return first;
        if (parts.All(p => p.Texts is not null))
            return new([.. parts.SelectMany(p => p.Texts!)]);
        if (parts.All(p => p.Files is not null))
            return new([.. parts.SelectMany(p => p.Files!)]);
        if (!parts.All(p => p.Numbers is { } n && first.Numbers is { } f && n.DType == f.DType && n.Shape.AsSpan(1).SequenceEqual(f.Shape.AsSpan(1))))
            return null;
        byte[] bytes = [.. parts.SelectMany(p => p.Numbers!.Bytes.ToArray())];
        return new(new NdArray(first.Numbers!.DType, [parts.Sum(p => p.Rows), .. first.Numbers.Shape.AsSpan(1)], bytes));
    }
}
