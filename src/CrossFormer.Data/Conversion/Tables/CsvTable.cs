using System.Globalization;
using System.Text;
using CrossFormer.Arrays;

namespace CrossFormer.Data.Conversion.Tables;

/// <summary>Reads comma-separated values: RFC 4180, UTF-8, a header unless the first line holds numbers only.</summary>
internal static class CsvTable
{
    /// <summary>The columns in their order: numbers as float32 [rows], anything else as texts.</summary>
    /// <exception cref="EpisodeSourceException">A row has another number of cells than the first, or there is no row.</exception>
    public static OrderedDictionary<string, TableColumn> Read(string file)
    {
        var rows = Rows(File.ReadAllText(file), file);
        if (rows.Count == 0)
            throw new EpisodeSourceException(file, "", "the file is empty");
        var hasHeader = !rows[0].TrueForAll(c => TryNumber(c, out _));
        var names = hasHeader ? rows[0] : [.. rows[0].Select((_, i) => $"{Path.GetFileNameWithoutExtension(file)}_{i}")];
        var first = hasHeader ? 1 : 0;
        if (rows.Count == first)
            throw new EpisodeSourceException(file, "", "there is a header, but no row");
        var columns = new OrderedDictionary<string, TableColumn>();
        for (var c = 0; c < names.Count; c++)
        {
            string[] cells = [.. rows.Skip(first).Select(r => r[c])];
            if (!columns.TryAdd(names[c].Trim(), Column(cells)))
                throw new EpisodeSourceException(file, $"column '{names[c]}'", "there are two columns of that name");
        }

        return columns;
    }

    private static TableColumn Column(string[] cells)
    {
        var numbers = new float[cells.Length];
        for (var i = 0; i < cells.Length; i++)
        {
            if (!TryNumber(cells[i], out numbers[i]))
                return new TableColumn(cells);
        }

        return new TableColumn(NdArray.From(numbers, numbers.Length));
    }

    private static bool TryNumber(string cell, out float number)
    {
        if (bool.TryParse(cell, out var flag))
        {
            number = flag ? 1 : 0;
            return true;
        }

        return float.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out number);
    }

    private static List<List<string>> Rows(string text, string file)
    {
        var (rows, row, cell, quoted) = (new List<List<string>>(), new List<string>(), new StringBuilder(), false);
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (quoted && c == '"' && i + 1 < text.Length && text[i + 1] == '"')
                cell.Append(text[++i]);
            else if (c == '"' && (quoted || cell.Length == 0))
                quoted = !quoted;
            else if (quoted)
                cell.Append(c);
            else if (c == ',')
                EndCell();
            else if (c == '\n')
                EndRow();
            else if (c != '\r')
                cell.Append(c);
        }

        if (quoted)
            throw new EpisodeSourceException(file, $"row {rows.Count + 1}", "a quotation mark is never closed");
        EndRow();
        return rows;

        void EndCell()
        {
            row.Add(cell.ToString());
            cell.Clear();
        }

        void EndRow()
        {
            EndCell();
            // An empty line is no row.
            if (row is [""])
            {
                row.Clear();
                return;
            }

            if (rows.Count > 0 && row.Count != rows[0].Count)
                throw new EpisodeSourceException(file, $"row {rows.Count + 1}", $"{row.Count} cells, the first row has {rows[0].Count}");
            rows.Add(row);
            row = [];
        }
    }
}
