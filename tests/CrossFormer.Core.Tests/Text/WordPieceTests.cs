using CrossFormer.Text;

namespace CrossFormer.Core.Tests.Text;

public class WordPieceTests
{
    private static readonly WordPiece Tokenizer = new(
        new[] { "[UNK]", "[CLS]", "[SEP]", "pick", "up", "the", "cup", "##s", "##cup", "un", "##af", "##ford", ".", ",", "_", "cafe", "木", "e", "##e" }
            .Select((piece, id) => (piece, id)).ToDictionary(p => p.piece, p => p.id));

    [Theory]
    [InlineData("", new long[] { 1, 2 })]
    [InlineData("Pick UP the cups.", new long[] { 1, 3, 4, 5, 6, 7, 12, 2 })]
    [InlineData("unafford", new long[] { 1, 9, 10, 11, 2 })]
    [InlineData("unaffordable", new long[] { 1, 0, 2 })]
    [InlineData("pick_up", new long[] { 1, 3, 14, 4, 2 })]
    [InlineData("Café", new long[] { 1, 15, 2 })]
    [InlineData("cafe\u0301", new long[] { 1, 15, 2 })]
    [InlineData("pick\tup\nthe\r\ncup", new long[] { 1, 3, 4, 5, 6, 2 })]
    [InlineData("pi\u200Bck\u00A0u\u0000p", new long[] { 1, 3, 4, 2 })]
    [InlineData("up木up", new long[] { 1, 4, 16, 4, 2 })]
    [InlineData("up\uD800", new long[] { 1, 4, 2 })]
    [InlineData("🤖 the", new long[] { 1, 0, 5, 2 })]
    public void Encode_SplitsAsBert(string text, long[] ids) => Assert.Equal(ids, Tokenizer.Encode(text));

    [Fact]
    public void Encode_KeepsTheFirst254Pieces()
    {
        var ids = Tokenizer.Encode(string.Concat(Enumerable.Repeat("cups ", 1000)));
        Assert.Equal(256, ids.Length);
        Assert.Equal((1, 7, 2), (ids[0], ids[^2], ids[^1]));
    }

    [Fact]
    public void Encode_GivesUpOnWordsOfMoreThanAHundredCodePoints()
    {
        Assert.Equal(102, Tokenizer.Encode(new string('e', 100)).Length);
        Assert.Equal([1, 0, 2], Tokenizer.Encode(new string('e', 101)));
        // Characters outside the basic plane count once.
        Assert.Equal([1, 0, 2], Tokenizer.Encode(string.Concat(Enumerable.Repeat("🤖", 100))));
    }

    [Theory]
    [InlineData("ÀÿŐ", "A", "y", "O")]
    [InlineData("йё", "и", "е")]
    [InlineData("각", "ᄀ", "ᅡ", "ᆨ")]
    [InlineData("가", "ᄀ", "ᅡ")]
    [InlineData("\u09CB", "\u09C7", "\u09BE")]
    [InlineData("\uF900", "\u8C48")]
    [InlineData("e\u0301", "e")]
    [InlineData("ø", "ø")]
    public void AccentFolding_LeavesTheLetters(string text, params string[] expected)
    {
        var folded = new System.Text.StringBuilder();
        foreach (var rune in text.EnumerateRunes())
            AccentFolding.Append(folded, rune);
        Assert.Equal(string.Concat(expected), folded.ToString());
    }

    [Fact]
    public void Constructor_NeedsTheSpecialPieces() =>
        Assert.Contains("has no [UNK]", Assert.Throws<ArgumentException>(() => new WordPiece(new() { ["a"] = 0 })).Message);
}
