using static TorchSharp.torch;

namespace CrossFormer.Parameters;

/// <summary>Fills a new parameter as Flax's initialisers do: same distributions, torch's random numbers.</summary>
/// <param name="shape">The parameter's shape in Flax's layout.</param>
/// <param name="generator">Source of randomness.</param>
/// <returns>A float32 tensor of that shape.</returns>
public delegate Tensor Initializer(long[] shape, Generator generator);

/// <summary>The initialisers that the reference uses (flax.linen.initializers).</summary>
public static class Initializers
{
    // Standard deviation of a unit normal cut off at ±2 (jax.nn.initializers.variance_scaling).
    private const double TruncatedStd = 0.87962566103423978;

    /// <summary>All zeros.</summary>
    public static Tensor Zeros(long[] shape, Generator generator) => zeros(shape);

    /// <summary>All ones.</summary>
    public static Tensor Ones(long[] shape, Generator generator) => ones(shape);

    /// <summary>Normal with mean 0.</summary>
    /// <param name="std">Standard deviation.</param>
    public static Initializer Normal(double std) => (shape, generator) => normal(0, std, shape, generator: generator);

    /// <summary>Flax's default for kernels: normal cut off at two standard deviations, variance 1 / fan-in.</summary>
    public static Tensor LecunNormal(long[] shape, Generator generator)
    {
        using var scope = NewDisposeScope();
        var edge = Scalars.Number(special.erf(tensor(2 / Math.Sqrt(2))));
        var u = rand(shape, generator: generator).mul_(Scalars.Of(2 * edge)).sub_(Scalars.Of(edge));
        return u.erfinv_().mul_(Scalars.Of(Math.Sqrt(2) * Math.Sqrt(1.0 / FanIn(shape)) / TruncatedStd)).MoveToOuterDisposeScope();
    }

    /// <summary>Uniform with variance 2 / (fan-in + fan-out).</summary>
    public static Tensor XavierUniform(long[] shape, Generator generator) => Uniform(shape, FanIn(shape), FanOut(shape), generator);

    /// <summary><see cref="XavierUniform"/> of an attention projection: Flax initialises it as a matrix [in, heads·head dim] and then reshapes.</summary>
    /// <param name="inputDims">How many leading dimensions are inputs.</param>
    public static Initializer XavierProjection(int inputDims) => (shape, generator) =>
        Uniform(shape, Product(shape.AsSpan(0, inputDims)), Product(shape.AsSpan(inputDims)), generator);

    private static Tensor Uniform(long[] shape, long fanIn, long fanOut, Generator generator)
    {
        var limit = Math.Sqrt(6.0 / (fanIn + fanOut));
        using var u = rand(shape, generator: generator);
        return u.mul_(Scalars.Of(2 * limit)).sub_(Scalars.Of(limit)).alias();
    }

    private static long FanIn(long[] shape) => shape.Length < 2 ? 1 : Product(shape.AsSpan(0, shape.Length - 1));

    private static long FanOut(long[] shape) => shape.Length < 2 ? 1 : Product(shape) / shape[^2];

    private static long Product(ReadOnlySpan<long> dims)
    {
        long n = 1;
        foreach (var d in dims)
            n *= d;
        return n;
    }
}
