using static CrossFormer.Data.OpenX.ColumnExpression;

namespace CrossFormer.Data.OpenX;

/// <summary>Transforms as dataset files write them: the vocabulary of <see cref="TransformStep"/> and <see cref="ColumnExpression"/>, read back from their JSON.</summary>
internal static class TransformReader
{
    private const int MaxWidth = 1 << 20;
    private const int MaxDepth = 32;

    // One keyword says what a step or an expression is; the other fields belong to it.
    private static readonly string[] StepKeywords = ["set", "rename", "remove", "every_nth_step", "drop_last_step"];

    private static readonly string[] ExpressionKeywords =
    [
        "concatenate", "first_of", "slice", "element", "constant", "text", "divide", "inflate", "waypoints",
        .. ColumnFunctions.ByName.Keys.Order(StringComparer.Ordinal),
    ];

    public static StandardTransform Read(DatasetJson list) => StandardTransform.Of([.. list.Items().Select(Step)]);

    private static TransformStep Step(DatasetJson json)
    {
        var keyword = Keyword(json, StepKeywords, "a step");
        var value = json.Required(keyword);
        switch (keyword)
        {
            case "set":
                json.Only("set", "to");
                return TransformStep.Set(value.Text(), Expression(json.Required("to"), 0));
            case "rename":
                json.Only("rename", "to");
                return TransformStep.Rename(value.Text(), json.Required("to").Text());
            case "remove":
                json.Only("remove");
                return TransformStep.Remove(value.Text());
            case "every_nth_step":
                json.Only("every_nth_step");
                return TransformStep.EveryNth(value.Integer(1, 1_000_000));
            default:
                json.Only("drop_last_step");
                return value.Truth() ? TransformStep.DropLast : throw value.Expected("true (or leave the step out)");
        }
    }

    private static ColumnExpression Expression(DatasetJson json, int depth)
    {
        if (json.IsText)
            return Column(json.Text());
        if (depth++ >= MaxDepth)
            throw json.Problem($"expressions nested deeper than {MaxDepth}");
        var keyword = Keyword(json, ExpressionKeywords, "a column's name, or an expression");
        var value = json.Required(keyword);
        switch (keyword)
        {
            case "concatenate":
                json.Only("concatenate");
                return Concatenate(Expressions(value, depth));
            case "first_of":
                json.Only("first_of");
                return FirstOf(Expressions(value, depth));
            case "slice":
                json.Only("slice", "range");
                return Expression(value, depth)[Bounds(json.Required("range"))];
            case "element":
                json.Only("element", "index");
                return Expression(value, depth)[Bound(json.Required("index"))];
            case "constant":
                json.Only("constant", "width");
                return Constant(value.Number(-float.MaxValue, float.MaxValue), json.Required("width").Integer(1, MaxWidth));
            case "text":
                json.Only("text");
                return value.IsEmptyText ? EmptyText : throw value.Expected("\"\", the empty text");
            case "divide":
                json.Only("divide", "by");
                return Expression(value, depth).DividedBy(json.Required("by").Divisor());
            case "inflate":
                json.Only("inflate", "width");
                return Expression(value, depth).Inflated(json.Required("width").Integer(1, MaxWidth));
            case "waypoints":
                json.Only("waypoints");
                value.Only("horizon", "position", "rotation", "from_previous");
                return ColumnExpression.Waypoints(new Waypoints(
                    value.Required("horizon").Integer(1, 10_000), value.Required("position").Text(),
                    value.Required("rotation").Text(), value.Required("from_previous").Truth()));
            default:
                json.Only(keyword);
                return new FunctionNode(keyword, Expression(value, depth));
        }
    }

    private static string Keyword(DatasetJson json, string[] keywords, string what)
    {
        var found = json.IsObject ? Array.FindAll(keywords, k => json.Optional(k) is not null) : [];
        return found.Length == 1 ? found[0] : throw json.Expected($"{what}: an object with one of {string.Join(", ", keywords)}");
    }

    private static ColumnExpression[] Expressions(DatasetJson list, int depth)
    {
        var items = list.Items();
        return items.Count > 0 ? [.. items.Select(i => Expression(i, depth))] : throw list.Expected("at least one expression");
    }

    private static Range Bounds(DatasetJson list)
    {
        var bounds = list.Items();
        return bounds.Count is 1 or 2
            ? new Range(Bound(bounds[0]), bounds.Count == 2 ? Bound(bounds[1]) : Index.End)
            : throw list.Expected("[first] or [first, end], end excluded, negative from the end");
    }

    private static Index Bound(DatasetJson value)
    {
        var bound = value.Integer(-MaxWidth, MaxWidth);
        return bound < 0 ? Index.FromEnd(-bound) : Index.FromStart(bound);
    }
}
