namespace CrossFormer.Data.Conversion;

/// <summary>Orders names as people count: <c>demo_2</c> before <c>demo_10</c>.</summary>
internal sealed class NaturalOrder : IComparer<string>
{
    public static NaturalOrder Instance { get; } = new();

    public int Compare(string? x, string? y)
    {
        ReadOnlySpan<char> a = x, b = y;
        while (a.Length > 0 && b.Length > 0)
        {
            var order = char.IsAsciiDigit(a[0]) && char.IsAsciiDigit(b[0]) ? CompareNumbers(ref a, ref b) : a[0].CompareTo(b[0]);
            if (order != 0)
                return order;
            if (a.Length > 0 && b.Length > 0 && a[0] == b[0])
            {
                a = a[1..];
                b = b[1..];
            }
        }

        // Equal as people count ("1" and "01"): any fixed order will do.
        return a.Length != b.Length ? a.Length.CompareTo(b.Length) : string.CompareOrdinal(x, y);
    }

    private static int CompareNumbers(ref ReadOnlySpan<char> a, ref ReadOnlySpan<char> b)
    {
        var first = Number(ref a);
        var second = Number(ref b);
        return first.Length != second.Length ? first.Length.CompareTo(second.Length) : first.SequenceCompareTo(second);
    }

    // The digits at the front without leading zeros; cuts them off.
    private static ReadOnlySpan<char> Number(ref ReadOnlySpan<char> text)
    {
        var end = text.IndexOfAnyExceptInRange('0', '9');
        var digits = end < 0 ? text : text[..end];
        text = text[digits.Length..];
        return digits.TrimStart('0');
    }
}
