namespace CrossFormer.Formats;

/// <summary>Names of chunks: indices joined by a separator, <c>0</c> without dimensions; Zarr 3 puts a <c>c</c> in front.</summary>
/// <param name="Separator">'.' or '/'.</param>
/// <param name="HasPrefix">Zarr 3's default encoding: <c>c/0/1</c>, <c>c</c> without dimensions.</param>
internal sealed record ChunkKeys(char Separator, bool HasPrefix)
{
    /// <summary>Reads a key; false when it names no chunk of the grid (metadata, foreign files, an index beyond the array).</summary>
    /// <param name="key">The key without the array's name.</param>
    /// <param name="grid">Number of chunks per dimension.</param>
    /// <param name="index">Receives the chunk's index per dimension.</param>
    public bool TryParse(string key, ReadOnlySpan<int> grid, Span<int> index)
    {
        ReadOnlySpan<char> rest = key;
        if (HasPrefix)
        {
            if (!rest.StartsWith('c'))
                return false;
            rest = rest[1..];
            if (grid.Length == 0)
                return rest.Length == 0;
            if (!rest.StartsWith(Separator))
                return false;
            rest = rest[1..];
        }

        if (grid.Length == 0)
            return rest is "0";
        for (var i = 0; i < grid.Length; i++)
        {
            var end = i == grid.Length - 1 ? rest.Length : rest.IndexOf(Separator);
            if (end < 1 || !TryParseIndex(rest[..end], out index[i]) || index[i] >= grid[i])
                return false;
            rest = rest[Math.Min(end + 1, rest.Length)..];
        }

        return true;
    }

    // Digits without a leading zero: two names must not mean one chunk.
    private static bool TryParseIndex(ReadOnlySpan<char> text, out int index) =>
        int.TryParse(text, System.Globalization.NumberStyles.None, null, out index) && (text[0] != '0' || text.Length == 1);
}
