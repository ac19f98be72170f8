namespace CrossFormer.Text;

/// <summary>Levenshtein's distance, for "did you mean".</summary>
internal static class EditDistance
{
    // The cost is the product of two lengths for each candidate; what differs beyond this is far away anyhow.
    private const int MaxLength = 200;

    /// <summary>The candidates nearest to a text, nearest first, equally near ones in their own order.</summary>
    public static IEnumerable<string> Nearest(string text, IEnumerable<string> candidates, int count) =>
        candidates.Select(c => (Candidate: c, Distance: Between(text, c))).OrderBy(c => c.Distance).Take(count).Select(c => c.Candidate);

    /// <summary>Insertions, deletions and replacements of characters between the first <see cref="MaxLength"/> of each.</summary>
    public static int Between(ReadOnlySpan<char> a, ReadOnlySpan<char> b)
    {
        a = a[..Math.Min(a.Length, MaxLength)];
        b = b[..Math.Min(b.Length, MaxLength)];
        Span<int> row = stackalloc int[MaxLength + 1];
        for (var j = 0; j <= b.Length; j++)
            row[j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[b.Length];
    }
}
