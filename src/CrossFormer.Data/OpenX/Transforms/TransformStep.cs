using System.Text.Json.Nodes;
using CrossFormer.Data.Trajectories;

namespace CrossFormer.Data.OpenX;

/// <summary>One step of a <see cref="StandardTransform"/>: from a trajectory to another. Immutable.</summary>
public abstract class TransformStep
{
    private protected TransformStep()
    {
    }

    /// <summary>Adds or replaces a column; one that replaces a folder of columns removes them.</summary>
    public static TransformStep Set(string name, ColumnExpression to) => new SetStep(name, to);

    /// <summary>Gives a column, or all below it, another name.</summary>
    public static TransformStep Rename(string from, string to) => new RenameStep(from, to);

    /// <summary>Leaves out a column, or all below it.</summary>
    public static TransformStep Remove(string name) => new RemoveStep(name);

    /// <summary>Keeps steps 0, n, 2n, …</summary>
    public static TransformStep EveryNth(int n)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(n, 1);
        return new EveryNthStep(n);
    }

    /// <summary>Leaves out the last step: it has no successor to compute an action from.</summary>
    public static TransformStep DropLast { get; } = new DropLastStep();

    /// <summary>Applies it.</summary>
    public abstract Trajectory Apply(Trajectory trajectory);

    /// <summary>As a dataset file writes it.</summary>
    public abstract JsonObject ToJson();

    /// <inheritdoc/>
    public override string ToString() => ToJson().ToJsonString(DatasetJson.Compact);

    private sealed class SetStep(string name, ColumnExpression to) : TransformStep
    {
        public override Trajectory Apply(Trajectory trajectory) => trajectory.With(name, to.Evaluate(trajectory));

        public override JsonObject ToJson() => new() { ["set"] = name, ["to"] = to.ToJson() };
    }

    private sealed class RenameStep(string from, string to) : TransformStep
    {
        public override Trajectory Apply(Trajectory trajectory) => trajectory.Rename(from, to);

        public override JsonObject ToJson() => new() { ["rename"] = from, ["to"] = to };
    }

    private sealed class RemoveStep(string name) : TransformStep
    {
        public override Trajectory Apply(Trajectory trajectory) => trajectory.Without(name);

        public override JsonObject ToJson() => new() { ["remove"] = name };
    }

    private sealed class EveryNthStep(int n) : TransformStep
    {
        public override Trajectory Apply(Trajectory trajectory) =>
            trajectory.Gather([.. Enumerable.Range(0, (trajectory.Length + n - 1) / n).Select(i => i * n)]);

        public override JsonObject ToJson() => new() { ["every_nth_step"] = n };
    }

    private sealed class DropLastStep : TransformStep
    {
        public override Trajectory Apply(Trajectory trajectory) => trajectory.Slice(0, Math.Max(trajectory.Length - 1, 0));

        public override JsonObject ToJson() => new() { ["drop_last_step"] = true };
    }
}
