using System.Text.Json.Nodes;
using CrossFormer.Arrays;
using CrossFormer.Data.Trajectories;

namespace CrossFormer.Data.OpenX;

/// <summary>
/// How one column of a trajectory follows from others: <c>Column("action")[..6]</c>,
/// <c>Concatenate(a, b.Clipped().Inverted())</c>. Immutable; <see cref="ToJson"/> is what a dataset file writes for it, and
/// names it in caches.
/// </summary>
/// <remarks>
/// Slices and concatenations are along the last dimension; a column of one number per step counts as one of width 1.
/// Arithmetic keeps float64 and makes everything else float32, as the reference's transforms do.
/// </remarks>
public abstract class ColumnExpression
{
    private protected ColumnExpression()
    {
    }

    /// <summary>An existing column, of any kind.</summary>
    public static ColumnExpression Column(string name) => new ColumnNode(name);

    /// <summary>The first of these whose columns are all there.</summary>
    public static ColumnExpression FirstOf(params ColumnExpression[] alternatives) => new FirstOfNode(alternatives);

    /// <summary>Side by side: float64 when one of the parts is, else float32.</summary>
    public static ColumnExpression Concatenate(params ColumnExpression[] parts) => new ConcatenateNode(parts);

    /// <summary>The same number everywhere: float32 [steps, <paramref name="width"/>]; beside float64 it gives way.</summary>
    public static ColumnExpression Constant(double value, int width) => new ConstantNode(value, width);

    /// <summary>Texts that are all empty: an instruction that says nothing is better dropped.</summary>
    public static ColumnExpression EmptyText { get; } = new EmptyTextNode();

    /// <summary>Waypoints of a wheeled robot: see <see cref="OpenX.Waypoints"/>.</summary>
    public static ColumnExpression Waypoints(Waypoints waypoints) => new WaypointsNode(waypoints);

    /// <summary>A part of the last dimension. It must be there: unlike Python's, a slice that is too long is an error.</summary>
    public ColumnExpression this[Range range] => new SliceNode(this, range);

    /// <summary>One entry of the last dimension, which goes away: [steps, h, w, 1] becomes [steps, h, w].</summary>
    public ColumnExpression this[Index index] => new ElementNode(this, index);

    /// <summary>As float32.</summary>
    public ColumnExpression AsSingle() => new FunctionNode("float32", this);

    /// <summary>Clipped to [0, 1].</summary>
    public ColumnExpression Clipped() => new FunctionNode("clip", this);

    /// <summary>1 − x: a gripper's "closed" becomes "open".</summary>
    public ColumnExpression Inverted() => new FunctionNode("invert", this);

    /// <summary>x / <paramref name="divisor"/>.</summary>
    public ColumnExpression DividedBy(double divisor) => new DivideNode(this, divisor);

    /// <summary>Gripper openings made 0 or 1: in-between values take the state that comes after them. See <see cref="GripperActions.Binarize"/>.</summary>
    public ColumnExpression Binarized() => new FunctionNode("binarize_gripper", this);

    /// <summary>Gripper commands (+1 close, −1 open, 0 stay) made states (1 open, 0 closed). See <see cref="GripperActions.RelativeToAbsolute"/>.</summary>
    public ColumnExpression ToGripperState() => new FunctionNode("gripper_state", this);

    /// <summary>Roll, pitch and yaw of quaternions x, y, z, w. See <see cref="EulerAngles"/>.</summary>
    public ColumnExpression EulerFromQuaternion() => new FunctionNode("euler_from_quaternion", this);

    /// <summary>What the next step adds: x[t+1] − x[t], and 0 in the last step. Angles are not wrapped.</summary>
    public ColumnExpression StepDifference() => new FunctionNode("step_difference", this);

    /// <summary>Texts from Unicode code points [steps, n], up to the first NUL.</summary>
    public ColumnExpression TextFromCodePoints() => new FunctionNode("text_from_code_points", this);

    /// <summary>
    /// float32 [steps, <paramref name="width"/>] from a zlib stream per step, as TFDS stores tensors of encoding zlib; where
    /// the reader has already decoded them, only the shape changes.
    /// </summary>
    public ColumnExpression Inflated(int width) => new InflateNode(this, width);

    /// <summary>Computes the column.</summary>
    /// <exception cref="KeyNotFoundException">The trajectory lacks a column that it needs.</exception>
    /// <exception cref="InvalidOperationException">A column is of another kind or shape than it needs; says which.</exception>
    public abstract TrajectoryColumn Evaluate(Trajectory trajectory);

    /// <summary>As a dataset file writes it.</summary>
    public abstract JsonNode ToJson();

    /// <summary>Whether all columns that it needs are there.</summary>
    internal abstract bool CanEvaluate(Trajectory trajectory);

    internal NdArray Numbers(Trajectory trajectory) => Evaluate(trajectory) is TrajectoryNumbers { Values: var values }
        ? values
        : throw new InvalidOperationException($"{this} holds no numbers, it is {Evaluate(trajectory)}");

    /// <inheritdoc/>
    public override string ToString() => ToJson().ToJsonString(DatasetJson.Compact);
}
