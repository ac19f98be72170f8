// B batch · H height · W width · C channels · G groups · D condition
using CrossFormer.Encoders;
using CrossFormer.Layers;
using TorchSharp;
using static TorchSharp.torch;

namespace CrossFormer.Training.Tests.Gates;

/// <summary>
/// A ResNet encoder made of the encoder's own convolutions and norms, whose ReLUs are products with zeros and ones. These are what the
/// inputs' signs say when it first runs, and stay; single ones can be turned.
/// </summary>
internal sealed class GatedResNet(ResNet encoder, Tensor images_BHWC, Tensor? condition_BD)
{
    private readonly Dictionary<string, Tensor> _open = [];

    /// <summary>A ReLU as it was computed.</summary>
    /// <param name="Norm">Path of the group norm before it.</param>
    /// <param name="Before">What it was given.</param>
    /// <param name="After">What it gave; after the backward pass with its gradient.</param>
    public sealed record Layer(string Norm, Tensor Before, Tensor After)
    {
        /// <summary>Gates that rounding may turn: those whose input is within <paramref name="bound"/> of zero.</summary>
        public Gate[] Undecided(double bound)
        {
            using var scope = NewDisposeScope();
            var before = Before.detach().flatten();
            return [.. before.abs().lt(bound).nonzero().flatten().data<long>().ToArray().Select(i => new Gate(Norm, i, before[i].ToSingle()))];
        }
    }

    /// <summary>Opens a closed gate, closes an open one.</summary>
    public void Turn(Gate gate)
    {
        using var scope = NewDisposeScope();
        _open[gate.Norm].view(-1).narrow(0, gate.Index, 1).logical_not_();
    }

    /// <summary>Whether a gate lets through.</summary>
    public bool IsOpen(Gate gate)
    {
        using var scope = NewDisposeScope();
        return _open[gate.Norm].view(-1)[gate.Index].ToBoolean();
    }

    /// <summary>[B, H', W', C'] as the encoder gives it.</summary>
    /// <param name="layers">Takes every ReLU, in order.</param>
    public Tensor Forward(ICollection<Layer> layers) => Forward(encoder.Configuration.Normalization.Apply(images_BHWC), ScalarType.Float32, (norm, x, residual) =>
    {
        var before = norm.Forward(x, relu: false, residual);
        if (!_open.TryGetValue(norm.Scale.Path, out var open))
            _open.Add(norm.Scale.Path, open = before.detach().gt(0).DetachFromDisposeScope());
        var after = before * open;
        after.retain_grad();
        layers.Add(new Layer(norm.Scale.Path, before, after));
        return after;
    });

    /// <summary>What the ReLUs would be given without rounding: the same in float64, in their order.</summary>
    public IReadOnlyList<Tensor> Exact()
    {
        using var none = no_grad();
        var befores = new List<Tensor>();
        Forward(encoder.Configuration.Normalization.Apply(images_BHWC).to(ScalarType.Float64), ScalarType.Float64, (norm, x, residual) =>
        {
            var before = Exact(norm, x) + (residual ?? 0);
            befores.Add(before);
            return before.relu();
        });
        return befores;
    }

    private Tensor Forward(Tensor x, ScalarType type, Func<GroupNorm, Tensor, Tensor?, Tensor> rectified)
    {
        var computation = Computation.Plain with { Precision = type };
        x = ResNet.MaxPool(rectified(encoder.RootNorm, encoder.Root.Forward(x, computation), null));
        for (var i = 0; i < encoder.Stages.Count; i++)
        {
            foreach (var unit in encoder.Stages[i])
            {
                var residual = x;
                if (unit.Projection is var (convolution, norm))
                    residual = type == ScalarType.Float64 ? Exact(norm, convolution.Forward(x, computation)) : norm.Forward(convolution.Forward(x, computation), relu: false);
                var y = rectified(unit.First.Norm, unit.First.Convolution.Forward(x, computation), null);
                y = rectified(unit.Second.Norm, unit.Second.Convolution.Forward(y, computation), null);
                x = rectified(unit.Third.Norm, unit.Third.Convolution.Forward(y, computation), residual);
            }

            if (i > 0 && encoder.Configuration.UseFilm)
                x = encoder.Films[i - 1].Forward(x, condition_BD!);
        }

        return x;
    }

    private static Tensor Exact(GroupNorm norm, Tensor x) => nn.functional.group_norm(
        x.permute(0, 3, 1, 2).contiguous(), GroupNorm.Groups, norm.Scale.Value.to(x.dtype), norm.Bias.Value.to(x.dtype), GroupNorm.Epsilon).permute(0, 2, 3, 1);
}
