namespace CrossFormer.Images;

/// <summary>PNG's five row filters, undone in place, and the choice of one when writing.</summary>
internal static class PngFilter
{
    /// <summary>Turns a filtered row into samples.</summary>
    /// <param name="filter">0 none, 1 left, 2 up, 3 their average, 4 Paeth.</param>
    /// <param name="row">The filtered bytes, overwritten.</param>
    /// <param name="up">The row above, undone; zeros above the first.</param>
    /// <param name="distance">Bytes of a whole pixel, at least 1.</param>
    /// <returns>False when there is no such filter.</returns>
    public static bool Undo(byte filter, Span<byte> row, ReadOnlySpan<byte> up, int distance)
    {
        up = up[..row.Length];
        switch (filter)
        {
            case 0:
                return true;
            case 1:
                for (var i = distance; i < row.Length; i++)
                    row[i] += row[i - distance];
                return true;
            case 2:
                for (var i = 0; i < row.Length; i++)
                    row[i] += up[i];
                return true;
            case 3:
                for (var i = 0; i < row.Length; i++)
                    row[i] += (byte)(((i < distance ? 0 : row[i - distance]) + up[i]) >> 1);
                return true;
            case 4:
                for (var i = 0; i < Math.Min(distance, row.Length); i++)
                    row[i] += up[i];
                for (var i = distance; i < row.Length; i++)
                    row[i] += Paeth(row[i - distance], up[i], up[i - distance]);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Filters a row; the destination is as long as the row.</summary>
    public static void Apply(byte filter, ReadOnlySpan<byte> row, ReadOnlySpan<byte> up, int distance, Span<byte> destination)
    {
        for (var i = 0; i < row.Length; i++)
        {
            var (left, corner) = i < distance ? ((byte)0, (byte)0) : (row[i - distance], up[i - distance]);
            destination[i] = (byte)(row[i] - filter switch
            {
                0 => 0,
                1 => left,
                2 => up[i],
                3 => (left + up[i]) >> 1,
                _ => Paeth(left, up[i], corner),
            });
        }
    }

    private static byte Paeth(byte left, byte up, byte corner)
    {
        var (a, b) = (up - corner, left - corner);
        var (da, db, dc) = (Math.Abs(a), Math.Abs(b), Math.Abs(a + b));
        return da <= db && da <= dc ? left : db <= dc ? up : corner;
    }
}
