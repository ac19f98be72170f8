using CrossFormer.Arrays;

namespace CrossFormer.Data.Trajectories;

/// <summary>Numbers or truth values, the same shape at every step.</summary>
public sealed class TrajectoryNumbers : TrajectoryColumn
{
    /// <summary>Wraps an array without copying.</summary>
    /// <param name="values">[steps, …], any dtype.</param>
    /// <exception cref="ArgumentException">It is a scalar.</exception>
    public TrajectoryNumbers(NdArray values)
    {
        if (values.Shape.Length == 0)
            throw new ArgumentException($"A column needs the steps as its first dimension, got the scalar {values}.", nameof(values));
        Values = values;
    }

    /// <summary>[steps, …], any dtype.</summary>
    public NdArray Values { get; }

    /// <inheritdoc/>
    public override int Length => Values.Shape[0];

    /// <inheritdoc/>
    public override TrajectoryColumn Slice(int first, int count)
    {
        CheckSlice(first, count);
        return new TrajectoryNumbers(new NdArray(Values.DType, [count, .. Values.Shape[1..]], Values.Bytes.Slice(first * StepBytes, count * StepBytes)));
    }

    /// <inheritdoc/>
    public override TrajectoryColumn Gather(ReadOnlySpan<int> indices)
    {
        var bytes = new byte[indices.Length * StepBytes];
        for (var i = 0; i < indices.Length; i++)
            Values.Bytes.Span.Slice(CheckIndex(indices[i]) * StepBytes, StepBytes).CopyTo(bytes.AsSpan(i * StepBytes));
        return new TrajectoryNumbers(new NdArray(Values.DType, [indices.Length, .. Values.Shape[1..]], bytes));
    }

    /// <inheritdoc/>
    public override string ToString() => Values.ToString();

    private int StepBytes => Length == 0 ? 0 : Values.Bytes.Length / Length;
}
