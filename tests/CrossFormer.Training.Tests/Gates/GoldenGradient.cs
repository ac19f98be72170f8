using CrossFormer.Arrays;
using TorchSharp;
using static TorchSharp.torch;

namespace CrossFormer.Training.Tests.Gates;

/// <summary>One parameter's gradient as the goldens hold it, with the tolerances that are allowed.</summary>
/// <param name="Norm">L2 norm; within 2e-4 of itself + 1e-7.</param>
/// <param name="First">The first values, at most eight; within 1e-4 of the root mean square + 1e-8.</param>
internal sealed record GoldenGradient(double Norm, double[] First)
{
    public static GoldenGradient Read(IReadOnlyDictionary<string, NdArray> arrays, string path) => new(arrays[$"norm/{path}"].ToDoubles()[0], arrays[$"head8/{path}"].ToDoubles());

    /// <summary>The largest difference, as a share of what is allowed.</summary>
    public double Worst(Tensor gradient) => Differences(gradient).Max(Math.Abs);

    /// <summary>How far the first values and the norm are from the golden's, as shares of what is allowed.</summary>
    public double[] Differences(Tensor gradient)
    {
        using var scope = NewDisposeScope();
        var values = gradient.detach().flatten();
        var allowed = 1e-4 * Norm / Math.Sqrt(values.numel()) + 1e-8;
        var first = values.narrow(0, 0, First.Length).data<float>().ToArray();
        return [.. first.Zip(First, (value, golden) => (value - golden) / allowed), (Math.Sqrt(values.dot(values).ToDouble()) - Norm) / (2e-4 * Norm + 1e-7)];
    }
}
