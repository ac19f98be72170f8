using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace CrossFormer.Text;

/// <summary>
/// Unicode's canonical decomposition without the marks (category Mn), as BERT's tokenizers fold accents: é to e, й to и.
/// By a table, for <see cref="string.Normalize()"/> returns its input under invariant globalization. Marks are dropped, so
/// their canonical order does not matter.
/// </summary>
internal static class AccentFolding
{
    private const int HangulBase = 0xAC00, HangulCount = 11172, VowelCount = 21, TailCount = 28;

    private static readonly FrozenDictionary<int, string> Table = ReadTable();

    /// <summary>Appends what is left of one character: nothing for a mark.</summary>
    public static void Append(StringBuilder result, Rune rune)
    {
        var hangul = rune.Value - HangulBase;
        if (rune.IsAscii)
            result.Append((char)rune.Value);
        else if (hangul is >= 0 and < HangulCount)
            AppendHangul(result, hangul);
        else if (Table.TryGetValue(rune.Value, out var folded))
            result.Append(folded);
        else if (Rune.GetUnicodeCategory(rune) != UnicodeCategory.NonSpacingMark)
            result.Append(rune.ToString());
    }

    private static void AppendHangul(StringBuilder result, int index)
    {
        result.Append((char)(0x1100 + (index / (VowelCount * TailCount)))).Append((char)(0x1161 + (index / TailCount % VowelCount)));
        if (index % TailCount > 0)
            result.Append((char)(0x11A7 + (index % TailCount)));
    }

    private static FrozenDictionary<int, string> ReadTable()
    {
        using var reader = new StreamReader(typeof(AccentFolding).Assembly.GetManifestResourceStream("CrossFormer.Text.AccentFolding.txt")!);
        var table = new Dictionary<int, string>();
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith('#'))
                continue;
            var sides = line.Split(" = ");
            var folded = string.Concat(sides[0].Split('+').Select(c => char.ConvertFromUtf32(Hex(c))));
            foreach (var range in sides[1].Split(' '))
            {
                var ends = range.Split('-');
                for (var c = Hex(ends[0]); c <= Hex(ends[^1]); c++)
                    table.Add(c, folded);
            }
        }

        return table.ToFrozenDictionary();
    }

    private static int Hex(string text) => int.Parse(text, NumberStyles.AllowHexSpecifier);
}
