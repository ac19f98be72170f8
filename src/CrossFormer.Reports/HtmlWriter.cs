using System.Globalization;
using System.Text;
using System.Xml;

namespace CrossFormer.Reports;

/// <summary>
/// Writes HTML that is well-formed XML too, so elements are balanced and every text is escaped because the XML writer
/// does it, not because somebody remembered.
/// </summary>
internal sealed class HtmlWriter : IDisposable
{
    // The elements that HTML forbids an end tag; all others need one, <p /> is no empty paragraph in HTML.
    private static readonly HashSet<string> Void = ["meta", "img", "br"];

    private readonly StringBuilder _text = new();
    private readonly XmlWriter _xml;
    private readonly Stack<string> _open = new();
    private int _ids;

    public HtmlWriter() => _xml = XmlWriter.Create(_text, new XmlWriterSettings { OmitXmlDeclaration = true, NewLineChars = "\n" });

    /// <summary>Opens an element; attributes are name, value pairs, those of a null value are left out.</summary>
    public HtmlWriter Open(string name, params ReadOnlySpan<string?> attributes)
    {
        // A line per element below the page's top keeps diffs of two reports readable.
        if (_open.Count is > 0 and < 5)
            _xml.WriteRaw("\n");
        _xml.WriteStartElement(name);
        _open.Push(name);
        for (var i = 0; i < attributes.Length; i += 2)
        {
            if (attributes[i + 1] is { } value)
                _xml.WriteAttributeString(attributes[i]!, Clean(value));
        }

        return this;
    }

    public HtmlWriter Text(string text)
    {
        _xml.WriteString(Clean(text));
        return this;
    }

    public HtmlWriter Close()
    {
        if (Void.Contains(_open.Pop()))
            _xml.WriteEndElement();
        else
            _xml.WriteFullEndElement();
        return this;
    }

    /// <summary>An element with nothing but text in it.</summary>
    public HtmlWriter Element(string name, string text, params ReadOnlySpan<string?> attributes) => Open(name, attributes).Text(text).Close();

    /// <summary>A style sheet of ours; may not hold '&lt;' or '&amp;'.</summary>
    public HtmlWriter Style(string css)
    {
        Open("style");
        _xml.WriteRaw(css);
        return Close();
    }

    /// <summary>An id that no other element of the page has.</summary>
    public string NewId() => $"s{++_ids}";

    /// <summary>A coordinate: a tenth of a pixel is enough, and keeps a page of a hundred thousand points small.</summary>
    public static string Number(double value) => Math.Round(value, 1).ToString("0.#", CultureInfo.InvariantCulture);

    /// <summary>Ends the page.</summary>
    public override string ToString() => "<!DOCTYPE html>\n" + ToFragment() + "\n";

    /// <summary>What has been written, as XML.</summary>
    public string ToFragment()
    {
        _xml.Flush();
        return _text.ToString();
    }

    public void Dispose() => _xml.Dispose();

    // Neither HTML nor XML can hold control characters or halves of surrogate pairs, escaped or not.
    private static string Clean(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!XmlConvert.IsXmlChar(text[i]))
                return CleanFrom(text);
        }

        return text;
    }

    private static string CleanFrom(string text)
    {
        var clean = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
            clean.Append(rune.Value < 0x10000 && !XmlConvert.IsXmlChar((char)rune.Value) ? "\uFFFD" : rune.ToString());
        return clean.ToString();
    }
}
