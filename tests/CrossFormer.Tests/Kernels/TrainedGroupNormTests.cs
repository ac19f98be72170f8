using CrossFormer.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace CrossFormer.Tests.Kernels;

public sealed class TrainedGroupNormTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    [Theory]
    [InlineData(2, 56, 56, 64, false, true)]
    [InlineData(3, 7, 7, 512, true, true)]
    [InlineData(1, 5, 3, 32, true, false)]
    [InlineData(4, 2, 1, 96, false, false)]
    public void ValuesAndGradients_EqualTorchs(int batch, int height, int width, int channels, bool residual, bool relu)
    {
        var expected = Run(FusedGroupNorm.Plain, ScalarType.Float32);
        var actual = Run(TrainedGroupNorm.Apply, ScalarType.Float32);
        foreach (var (e, a) in expected.Zip(actual))
            Assert.True((e - a).norm().ToSingle() <= 2e-6f * e.norm().ToSingle() + 1e-6f, $"Differs by {(e - a).norm().ToSingle()} of {e.norm().ToSingle()}.");
        foreach (var (e, a) in Run(FusedGroupNorm.Plain, ScalarType.BFloat16).Zip(Run(TrainedGroupNorm.Apply, ScalarType.BFloat16)))
            Assert.True((e - a).norm().ToSingle() <= 0.01f * e.norm().ToSingle() + 1e-3f, $"bfloat16 differs by {(e - a).norm().ToSingle()} of {e.norm().ToSingle()}.");

        Tensor[] Run(Func<Tensor, Tensor, Tensor, bool, Tensor?, Tensor> normalize, ScalarType type)
        {
            var generator = new Generator(5);
            Tensor Random(params long[] shape) => randn(shape, generator: generator);
            var x = (Random(batch, height, width, channels) * 2 + 1).to(type).requires_grad_(true);
            var r = residual ? Random(batch, height, width, channels).to(type).requires_grad_(true) : null;
            var (scale, bias) = (Random(channels).requires_grad_(true), Random(channels).requires_grad_(true));
            var y = normalize(x, scale, bias, relu, r);
            y.backward([Random(batch, height, width, channels).to(type)]);
            Tensor[] results = [y, x.grad!, scale.grad!, bias.grad!, .. r is null ? Array.Empty<Tensor>() : [r.grad!]];
            return [.. results.Select(t => t.detach().to(ScalarType.Float32))];
        }
    }

    [Theory]
    [InlineData(1, 1, 64, 256)]
    [InlineData(3, 3, 96, 32)]
    [InlineData(7, 7, 6, 64)]
    public void StandardizedKernels_AndTheirGradients_EqualTorchs(int height, int width, int inputs, int outputs)
    {
        var expected = Run(StandardizedKernel.Plain);
        var actual = Run(StandardizedKernel.Apply);
        foreach (var (e, a) in expected.Zip(actual))
            Assert.True((e - a).norm().ToSingle() <= 2e-6f * e.norm().ToSingle(), $"Differs by {(e - a).norm().ToSingle()} of {e.norm().ToSingle()}.");

        Tensor[] Run(Func<Tensor, Tensor> standardize)
        {
            var generator = new Generator(6);
            var kernel = (randn([height, width, inputs, outputs], generator: generator) * 0.1 + 0.02).requires_grad_(true);
            var y = standardize(kernel);
            y.backward([randn(kernel.shape, generator: generator)]);
            return [y.detach(), kernel.grad!];
        }
    }

    [Fact]
    public void ManySteps_LeaveNoTensorsBehind()
    {
        Step();
        var before = Live();
        for (var i = 0; i < 5; i++)
            Step();
        Assert.Equal(before, Live());

        static long Live() => DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;

        static void Step()
        {
            using var scope = NewDisposeScope();
            var kernel = randn(1, 1, 64, 64).requires_grad_(true);
            var x = randn(2, 8, 8, 64).flatten(0, 2).mm(StandardizedKernel.Apply(kernel).view(64, 64)).view(2, 8, 8, 64);
            TrainedGroupNorm.Apply(TrainedGroupNorm.Apply(x, ones(64), zeros(64), relu: true), ones(64), zeros(64), relu: true, x).sum().backward();
        }
    }

    public void Dispose() => _scope.Dispose();
}
