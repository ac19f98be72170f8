namespace CrossFormer.Reports;

/// <summary>A part of a <see cref="Report"/>.</summary>
public abstract class ReportSection
{
    private protected ReportSection()
    {
    }

    /// <summary>The heading; null for a section without.</summary>
    public string? Title { get; init; }

    /// <summary>A sentence or two below the heading.</summary>
    public string? Note { get; init; }

    internal virtual void Write(HtmlWriter html)
    {
        var id = html.NewId();
        html.Open("section", "aria-labelledby", Title is null ? null : id);
        if (Title is not null)
            html.Element("h2", Title, "id", id);
        if (NoteText is { } note)
            html.Element("p", note, "class", "note");
        WriteBody(html);
        html.Close();
    }

    private protected virtual string? NoteText => Note;

    private protected abstract void WriteBody(HtmlWriter html);
}
