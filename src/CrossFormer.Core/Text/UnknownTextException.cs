namespace CrossFormer.Text;

/// <summary>An embedding table has no vector for a text. Names the nearest texts that it knows.</summary>
public sealed class UnknownTextException : ArgumentException
{
    internal UnknownTextException(string table, string text, IReadOnlyList<string> nearest, string message) : base(message) =>
        (Table, Text, Nearest) = (table, text, nearest);

    /// <summary>The table's file, or its name when it was built in memory.</summary>
    public string Table { get; }

    /// <summary>The text that was asked for.</summary>
    public string Text { get; }

    /// <summary>At most three known texts, the nearest first.</summary>
    public IReadOnlyList<string> Nearest { get; }
}
