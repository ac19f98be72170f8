using System.Text.Json.Nodes;
using CrossFormer.Arrays;
using CrossFormer.Data.Trajectories;

namespace CrossFormer.Data.OpenX;

internal sealed class ColumnNode(string name) : ColumnExpression
{
    public override TrajectoryColumn Evaluate(Trajectory trajectory) => trajectory[name];

    public override JsonNode ToJson() => JsonValue.Create(name);

    internal override bool CanEvaluate(Trajectory trajectory) => trajectory.Contains(name);
}

internal sealed class FirstOfNode(ColumnExpression[] alternatives) : ColumnExpression
{
    public override TrajectoryColumn Evaluate(Trajectory trajectory) =>
        (Array.Find(alternatives, a => a.CanEvaluate(trajectory)) ?? alternatives[^1]).Evaluate(trajectory);

    public override JsonNode ToJson() => new JsonObject { ["first_of"] = new JsonArray([.. alternatives.Select(a => a.ToJson())]) };

    internal override bool CanEvaluate(Trajectory trajectory) => alternatives.Any(a => a.CanEvaluate(trajectory));
}

internal sealed class ConcatenateNode(ColumnExpression[] parts) : ColumnExpression
{
    public override TrajectoryColumn Evaluate(Trajectory trajectory)
    {
        var arrays = Array.ConvertAll(parts, p => (Values: p.Numbers(trajectory), IsConstant: p is ConstantNode));
        var dtype = Array.Exists(arrays, a => a.Values.DType == DType.Float64 && !a.IsConstant) ? DType.Float64 : DType.Float32;
        return new TrajectoryNumbers(ColumnFunctions.Concatenate(Array.ConvertAll(arrays, a => ColumnFunctions.Cast(a.Values, dtype)), dtype));
    }

    public override JsonNode ToJson() => new JsonObject { ["concatenate"] = new JsonArray([.. parts.Select(p => p.ToJson())]) };

    internal override bool CanEvaluate(Trajectory trajectory) => parts.All(p => p.CanEvaluate(trajectory));
}

internal sealed class ConstantNode(double value, int width) : ColumnExpression
{
    public override TrajectoryColumn Evaluate(Trajectory trajectory)
    {
        var values = new float[trajectory.Length * width];
        Array.Fill(values, (float)value);
        return new TrajectoryNumbers(NdArray.From(values, trajectory.Length, width));
    }

    public override JsonNode ToJson() => new JsonObject { ["constant"] = value, ["width"] = width };

    internal override bool CanEvaluate(Trajectory trajectory) => true;
}

internal sealed class EmptyTextNode : ColumnExpression
{
    public override TrajectoryColumn Evaluate(Trajectory trajectory) => TrajectoryTexts.Repeat("", trajectory.Length);

    public override JsonNode ToJson() => new JsonObject { ["text"] = "" };

    internal override bool CanEvaluate(Trajectory trajectory) => true;
}

internal sealed class WaypointsNode(Waypoints waypoints) : ColumnExpression
{
    public override TrajectoryColumn Evaluate(Trajectory trajectory) => new TrajectoryNumbers(waypoints.Compute(trajectory));

    public override JsonNode ToJson() => new JsonObject { ["waypoints"] = waypoints.ToJson() };

    internal override bool CanEvaluate(Trajectory trajectory) => trajectory.Contains(waypoints.Position);
}

/// <summary>What depends on one other expression.</summary>
internal abstract class UnaryNode(ColumnExpression operand) : ColumnExpression
{
    protected ColumnExpression Operand => operand;

    internal override bool CanEvaluate(Trajectory trajectory) => operand.CanEvaluate(trajectory);
}

internal sealed class SliceNode(ColumnExpression operand, Range range) : UnaryNode(operand)
{
    public override TrajectoryColumn Evaluate(Trajectory trajectory)
    {
        var values = ColumnFunctions.AsRows(Operand.Numbers(trajectory));
        var width = values.Shape[^1];
        var (start, end) = (range.Start.GetOffset(width), range.End.GetOffset(width));
        return start >= 0 && start <= end && end <= width
            ? new TrajectoryNumbers(ColumnFunctions.Slice(values, start, end))
            : throw new InvalidOperationException($"{this} does not fit {values}, which is {width} wide");
    }

    // [first] or [first, end], negative from the end, as Python counts.
    public override JsonNode ToJson()
    {
        var bounds = new JsonArray(JsonValue.Create(Bound(range.Start)));
        if (!range.End.Equals(Index.End))
            bounds.Add(Bound(range.End));
        return new JsonObject { ["slice"] = Operand.ToJson(), ["range"] = bounds };
    }

    internal static int Bound(Index index) => index.IsFromEnd ? -index.Value : index.Value;
}

internal sealed class ElementNode(ColumnExpression operand, Index index) : UnaryNode(operand)
{
    public override TrajectoryColumn Evaluate(Trajectory trajectory)
    {
        var values = Operand.Numbers(trajectory);
        var offset = values.Shape.Length < 2 ? -1 : index.GetOffset(values.Shape[^1]);
        return offset >= 0 && offset < values.Shape[^1]
            ? new TrajectoryNumbers(ColumnFunctions.Slice(values, offset, offset + 1).Reshape(values.Shape[..^1]))
            : throw new InvalidOperationException($"{this} does not fit {values}");
    }

    public override JsonNode ToJson() => new JsonObject { ["element"] = Operand.ToJson(), ["index"] = SliceNode.Bound(index) };
}

internal sealed class DivideNode(ColumnExpression operand, double divisor) : UnaryNode(operand)
{
    public override TrajectoryColumn Evaluate(Trajectory trajectory) =>
        new TrajectoryNumbers(ColumnFunctions.Map(Operand.Numbers(trajectory), x => x / (float)divisor, x => x / divisor));

    public override JsonNode ToJson() => new JsonObject { ["divide"] = Operand.ToJson(), ["by"] = divisor };
}

internal sealed class InflateNode(ColumnExpression operand, int width) : UnaryNode(operand)
{
    public override TrajectoryColumn Evaluate(Trajectory trajectory) => Operand.Evaluate(trajectory) switch
    {
        TrajectoryTexts streams => new TrajectoryNumbers(ColumnFunctions.Inflate(streams, width)),
        TrajectoryNumbers { Values: var values } when values.Count == values.Shape[0] * width =>
            new TrajectoryNumbers(ColumnFunctions.Cast(values, DType.Float32).Reshape(values.Shape[0], width)),
        var other => throw new InvalidOperationException($"{this} does not fit {other}"),
    };

    public override JsonNode ToJson() => new JsonObject { ["inflate"] = Operand.ToJson(), ["width"] = width };
}

/// <summary>One of <see cref="ColumnFunctions.ByName"/>.</summary>
internal sealed class FunctionNode(string name, ColumnExpression operand) : UnaryNode(operand)
{
    private readonly Func<NdArray, TrajectoryColumn> _function = ColumnFunctions.ByName[name];

    public override TrajectoryColumn Evaluate(Trajectory trajectory) => _function(Operand.Numbers(trajectory));

    public override JsonNode ToJson() => new JsonObject { [name] = Operand.ToJson() };
}
