using CrossFormer.Arrays;
using CrossFormer.Parameters;
using CrossFormer.Testing;
using static TorchSharp.torch;

namespace CrossFormer.Tests;

/// <summary>Inputs and comparisons shared by the tests against <c>goldens/model</c>.</summary>
internal static class ModelGoldens
{
    public static string Prefix { get; } = Directory.Exists(Path.Combine(Goldens.Root, "model")) ? Goldens.Prefix("model") : "";

    /// <summary>A golden input of float32 values.</summary>
    public static Tensor Values(string name, double scale, params int[] shape) => ToTensor(Formula.Symmetric($"{Prefix}/{name}", scale, shape));

    /// <summary>A golden input of pixels.</summary>
    public static Tensor Image(string name, params int[] shape) => ToTensor(Formula.Image($"{Prefix}/{name}", shape));

    /// <summary>A golden mask: true where the unit value is below <paramref name="share"/>.</summary>
    public static Tensor Below(string name, double share, params int[] shape) =>
        tensor(Formula.Unit($"{Prefix}/{name}", shape).Select(v => v < share).ToArray(), [.. shape.Select(d => (long)d)]);

    public static Tensor ToTensor(NdArray array)
    {
        var shape = array.Shape.Select(d => (long)d).ToArray();
        return array.DType == DType.UInt8 ? tensor(array.AsSpan<byte>().ToArray(), shape, ScalarType.Byte) : tensor(array.ToSingles(), shape);
    }

    /// <summary>Fails unless shapes agree and no element differs by more than <paramref name="tolerance"/>.</summary>
    public static void AssertClose(NdArray expected, Tensor actual, double tolerance, string what)
    {
        Assert.Equal(expected.Shape.Select(d => (long)d), actual.shape);
        var (e, a) = (expected.ToSingles(), actual.detach().to(ScalarType.Float32).contiguous().data<float>().ToArray());
        var (worst, at) = (0.0, 0);
        for (var i = 0; i < e.Length; i++)
        {
            var difference = Math.Abs(e[i] - a[i]);
            if (!(difference <= worst))
                (worst, at) = (difference, i);
        }

        Assert.True(worst <= tolerance, $"{what}: element {at} is {a[at]}, the reference has {e[at]}: differs by {worst:g3}, allowed {tolerance:g3}.");
    }

    /// <summary>As <see cref="AssertClose"/>, with the tolerance as a share of the expected values' range.</summary>
    public static void AssertCloseInRange(NdArray expected, Tensor actual, double tolerance, string what)
    {
        var values = expected.ToSingles();
        AssertClose(expected, actual, tolerance * (values.Max() - values.Min()), what);
    }

    /// <summary>Fails unless the set declares exactly the parameters of a manifest's case.</summary>
    public static void AssertDeclares(ParameterSet parameters, string goldenCase)
    {
        var expected = Goldens.Json("model", "manifest.json")["cases"]![goldenCase]!["parameters"]!.AsObject()
            .ToDictionary(p => p.Key, p => string.Join(',', p.Value!.AsArray()));
        Assert.Equal(expected.OrderBy(p => p.Key), parameters.All.ToDictionary(p => p.Path, p => string.Join(',', p.Shape)).OrderBy(p => p.Key));
    }
}
