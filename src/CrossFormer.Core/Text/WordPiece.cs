using System.Globalization;
using System.Text;

namespace CrossFormer.Text;

/// <summary>
/// BERT's uncased tokenizer: clean, fold accents and case, split at white space and punctuation, then the longest known
/// pieces from the left. Ours because Microsoft.ML.Tokenizers 2.0.1's BertTokenizer gives other ids for 17 of the 53
/// reference texts: it drops symbols (= + &lt; ° ≥ and emoji), keeps zero-width characters and tabs inside words, does not
/// fold accents under invariant globalization, and cuts no long text. Source: BERT, tokenization.py; Devlin et al. 2018.
/// </summary>
internal sealed class WordPiece
{
    /// <summary>Pieces kept of a text, without [CLS] and [SEP].</summary>
    public const int MaxPieces = 254;

    private const int MaxWordLength = 100;

    private readonly Dictionary<string, int> _vocabulary;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _lookup;
    private readonly int _longest, _unknown, _start, _end;

    /// <summary>Takes a vocabulary that knows <c>[UNK]</c>, <c>[CLS]</c> and <c>[SEP]</c>.</summary>
    /// <param name="vocabulary">Piece to id; pieces inside words begin with <c>##</c>.</param>
    /// <exception cref="ArgumentException">One of the three is missing.</exception>
    public WordPiece(Dictionary<string, int> vocabulary)
    {
        (_vocabulary, _lookup) = (vocabulary, vocabulary.GetAlternateLookup<ReadOnlySpan<char>>());
        _longest = vocabulary.Count == 0 ? 0 : vocabulary.Keys.Max(k => k.Length);
        (_unknown, _start, _end) = (Id("[UNK]"), Id("[CLS]"), Id("[SEP]"));
    }

    /// <summary>[CLS], at most <see cref="MaxPieces"/> pieces, [SEP].</summary>
    public long[] Encode(string text)
    {
        var ids = new List<long> { _start };
        foreach (var word in Words(text))
        {
            AppendPieces(word, ids);
            if (ids.Count > MaxPieces)
                break;
        }

        if (ids.Count > MaxPieces + 1)
            ids.RemoveRange(MaxPieces + 1, ids.Count - MaxPieces - 1);
        ids.Add(_end);
        return [.. ids];
    }

    /// <summary>The cleaned, folded words; each punctuation character and each ideograph is one of its own.</summary>
    internal static IEnumerable<string> Words(string text)
    {
        var word = new StringBuilder();
        foreach (var rune in Normalise(text).EnumerateRunes())
        {
            var alone = IsPunctuation(rune);
            if ((alone || Rune.IsWhiteSpace(rune)) && word.Length > 0)
            {
                yield return word.ToString();
                word.Clear();
            }

            if (alone)
                yield return rune.ToString();
            else if (!Rune.IsWhiteSpace(rune))
                word.Append(rune.ToString());
        }

        if (word.Length > 0)
            yield return word.ToString();
    }

    private static string Normalise(string text)
    {
        var folded = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value is '\t' or '\n' or '\r' || (Rune.IsWhiteSpace(rune) && !Rune.IsControl(rune)))
                folded.Append(' ');
            else if (IsDropped(rune))
                continue;
            else if (IsIdeograph(rune.Value))
                folded.Append(' ').Append(rune.ToString()).Append(' ');
            else
                AccentFolding.Append(folded, rune);
        }

        return folded.ToString().ToLowerInvariant();
    }

    // Lone surrogates are enumerated as U+FFFD.
    private static bool IsDropped(Rune rune) =>
        rune.Value is 0 or 0xFFFD ||
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.PrivateUse;

    private static bool IsPunctuation(Rune rune) =>
        rune.Value is (>= '!' and <= '/') or (>= ':' and <= '@') or (>= '[' and <= '`') or (>= '{' and <= '~') || Rune.IsPunctuation(rune);

    // CJK ideographs, without kana and Hangul.
    private static bool IsIdeograph(int c) => c is
        (>= 0x4E00 and <= 0x9FFF) or (>= 0x3400 and <= 0x4DBF) or (>= 0x20000 and <= 0x2A6DF) or (>= 0x2A700 and <= 0x2CEAF) or
        (>= 0xF900 and <= 0xFAFF) or (>= 0x2F800 and <= 0x2FA1F);

    private void AppendPieces(string word, List<long> ids)
    {
        var first = ids.Count;
        // 100 code points, not UTF-16 units.
        if (word.Length > MaxWordLength && word.EnumerateRunes().Count() > MaxWordLength)
        {
            ids.Add(_unknown);
            return;
        }

        Span<char> piece = stackalloc char[word.Length + 2];
        for (var start = 0; start < word.Length;)
        {
            var prefix = start > 0 ? 2 : 0;
            "##".AsSpan(0, prefix).CopyTo(piece);
            var length = Math.Min(word.Length - start, _longest);
            var id = -1;
            for (; length > 0; length--)
            {
                word.AsSpan(start, length).CopyTo(piece[prefix..]);
                if (_lookup.TryGetValue(piece[..(prefix + length)], out id))
                    break;
            }

            if (length == 0)
            {
                ids.RemoveRange(first, ids.Count - first);
                ids.Add(_unknown);
                return;
            }

            ids.Add(id);
            start += length;
        }
    }

    private int Id(string piece) =>
        _vocabulary.TryGetValue(piece, out var id) ? id : throw new ArgumentException($"The vocabulary of {_vocabulary.Count} pieces has no {piece}.", nameof(piece));
}
