using CrossFormer.Arrays;
using CrossFormer.Data.Rlds;

namespace CrossFormer.Data.Conversion.Tables;

/// <summary>Reads columns from JSON: a list of steps that are objects, or an object of lists.</summary>
internal static class JsonTable
{
    private const int MaxRank = 8;

    /// <summary>The columns of <c>[{"action": […], …}, …]</c>, whose objects all have the same members.</summary>
    /// <param name="steps">The list.</param>
    public static OrderedDictionary<string, TableColumn> Steps(JsonValue steps)
    {
        var values = new OrderedDictionary<string, List<JsonValue>>();
        var rows = 0;
        foreach (var step in steps.Items())
        {
            var members = 0;
            foreach (var (name, value) in step.Members())
            {
                if (!values.TryGetValue(name, out var column) && rows == 0)
                    values.Add(name, column = []);
                if (column is null || column.Count != rows)
                    throw step.Error(column is null ? $"the member '{name}' is not in the first step" : $"the member '{name}' occurs twice");
                column.Add(value);
                members++;
            }

            rows++;
            if (members != values.Count)
                throw step.Error($"the member '{values.First(v => v.Value.Count != rows).Key}' of the first step is missing");
        }

        if (rows == 0)
            throw steps.Error("there is no step");
        var columns = new OrderedDictionary<string, TableColumn>();
        foreach (var (name, column) in values)
            columns.Add(name, Column(column));
        return columns;
    }

    /// <summary>The column of a list with an entry a step.</summary>
    public static TableColumn Column(JsonValue list) => Column([.. list.Items()]);

    private static TableColumn Column(List<JsonValue> rows)
    {
        if (rows is [{ IsText: true }, ..])
            return new TableColumn([.. rows.Select(r => r.Text())]);
        var (numbers, shape) = (new List<float>(), new List<int> { rows.Count });
        var isFirst = true;
        foreach (var row in rows)
        {
            Add(row, 1);
            isFirst = false;
        }

        return new TableColumn(NdArray.From(numbers.ToArray(), [.. shape]));

        // The first row tells the shape; all others must have it.
        void Add(JsonValue value, int depth)
        {
            if (value.IsArray)
            {
                List<JsonValue> items = [.. value.Items()];
                if (isFirst && numbers.Count == 0 && depth == shape.Count)
                    shape.Add(items.Count);
                if (depth >= shape.Count || depth > MaxRank || shape[depth] != items.Count || items.Count == 0)
                    throw value.Error($"a list of {items.Count} entries; expected {(depth < shape.Count && items.Count > 0 ? $"{shape[depth]}, as in the first" : "a number")}");
                foreach (var item in items)
                    Add(item, depth + 1);
                return;
            }

            if (depth != shape.Count)
                throw value.Error($"expected a list of {shape[depth]} entries, as in the first");
            numbers.Add(value.IsNumber ? (float)value.Double() : value.Bool() ? 1 : 0);
        }
    }
}
