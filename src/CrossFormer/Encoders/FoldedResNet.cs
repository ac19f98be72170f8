// B batch · H height · W width · C channels · D condition
using CrossFormer.Kernels;
using CrossFormer.Layers;
using CrossFormer.Parameters;
using static TorchSharp.torch;

namespace CrossFormer.Encoders;

/// <summary>
/// A <see cref="ResNet"/> made ready to act: weights standardised once, channels last throughout, 1×1 convolutions as matrix
/// products, norms fused with residual and ReLU, optionally in bfloat16. Exact but for rounding; its plain twin is
/// <see cref="ResNet.Forward"/>. Holds copies, so the encoder's own weights may be released.
/// </summary>
internal sealed class FoldedResNet : IDisposable
{
    private readonly FoldedWeights _weights = new();
    private readonly ScalarType _precision;
    private readonly ResNetConfiguration _configuration;
    private readonly Folded _root;
    private readonly List<FoldedUnit[]> _stages = [];
    private readonly List<(Tensor GainWeight, Tensor GainBias, Tensor ShiftWeight, Tensor ShiftBias)> _films = [];

    public FoldedResNet(ResNet encoder, ScalarType precision)
    {
        (_configuration, _precision) = (encoder.Configuration, precision);
        using var none = no_grad();
        using var scope = NewDisposeScope();
        _root = Fold((encoder.Root, encoder.RootNorm));
        foreach (var units in encoder.Stages)
            _stages.Add([.. units.Select(u => new FoldedUnit(u.Projection is { } p ? Fold(p) : null, Fold(u.First), Fold(u.Second), Fold(u.Third)))]);
        foreach (var film in encoder.Films)
            _films.Add((_weights.Copy(film.Gain.Kernel.Value.t(), precision), _weights.Copy(film.Gain.Bias.Value + Scalars.Of(1), precision), _weights.Copy(film.Shift.Kernel.Value.t(), precision), _weights.Copy(film.Shift.Bias.Value, precision)));
    }

    /// <summary>Encodes a batch.</summary>
    /// <param name="images_BHWC">uint8 [B, H, W, C].</param>
    /// <param name="condition_BD">float32 [B, D], exactly when the encoder uses FiLM.</param>
    /// <returns>[B, H'·W', C'] in the precision that was folded.</returns>
    public Tensor Forward(Tensor images_BHWC, Tensor? condition_BD)
    {
        FilmConditioning.Check(_configuration.UseFilm, condition_BD);
        using var scope = NewDisposeScope();
        var condition = condition_BD?.to(_precision);
        var x = _configuration.Normalization.Apply(images_BHWC).to(_precision);
        x = ResNet.MaxPool(Normalize(_root, Convolve(_root, x), relu: true));
        for (var i = 0; i < _stages.Count; i++)
        {
            foreach (var unit in _stages[i])
                x = Unit(unit, x);
            if (i > 0 && _configuration.UseFilm)
                x = Film(i - 1, x, condition!);
        }

        if (_stages.Count == 0 && _configuration.UseFilm)
            x = Film(0, x, condition!);
        return x.flatten(1, 2).MoveToOuterDisposeScope();
    }

    public void Dispose() => _weights.Dispose();

    private static Tensor Unit(FoldedUnit unit, Tensor x)
    {
        using var scope = NewDisposeScope();
        var residual = unit.Projection is { } p ? Normalize(p, Convolve(p, x), relu: false) : x;
        var y = Normalize(unit.First, Convolve(unit.First, x), relu: true);
        y = Normalize(unit.Second, Convolve(unit.Second, y), relu: true);
        return Normalize(unit.Third, Convolve(unit.Third, y), relu: true, residual).MoveToOuterDisposeScope();
    }

    private static Tensor Convolve(Folded layer, Tensor x_BHWC)
    {
        using var scope = NewDisposeScope();
        var x = x_BHWC;
        if (layer.Size == 1)
        {
            // A 1×1 convolution is a matrix product over pixels; with stride 2 over every other pixel.
            if (layer.Stride > 1)
                x = x[.., TensorIndex.Slice(null, null, layer.Stride), TensorIndex.Slice(null, null, layer.Stride), ..].contiguous();
            return nn.functional.linear(x, layer.Weight).MoveToOuterDisposeScope();
        }

        var (top, bottom) = Convolution.SamePadding((int)x.shape[1], layer.Size, layer.Stride);
        var (left, right) = Convolution.SamePadding((int)x.shape[2], layer.Size, layer.Stride);
        var padding = new long[] { top, left };
        if (top != bottom || left != right)
            (x, padding) = (nn.functional.pad(x, [0, 0, left, right, top, bottom]), [0, 0]);
        var y_BCHW = nn.functional.conv2d(x.permute(0, 3, 1, 2), layer.Weight, null!, [layer.Stride, layer.Stride], padding);
        return y_BCHW.permute(0, 2, 3, 1).contiguous().MoveToOuterDisposeScope();
    }

    private static Tensor Normalize(Folded layer, Tensor x, bool relu, Tensor? residual = null) => FusedGroupNorm.Apply(x, layer.Scale, layer.Bias, relu, residual);

    private Tensor Film(int index, Tensor x_BHWC, Tensor condition_BD)
    {
        using var scope = NewDisposeScope();
        var film = _films[index];
        var gain = nn.functional.linear(condition_BD, film.GainWeight, film.GainBias).unsqueeze(1).unsqueeze(1);
        var shift = nn.functional.linear(condition_BD, film.ShiftWeight, film.ShiftBias).unsqueeze(1).unsqueeze(1);
        return addcmul(shift, x_BHWC, gain, Scalars.Of(1)).MoveToOuterDisposeScope();
    }

    private Folded Fold((Convolution Convolution, GroupNorm Norm) layer)
    {
        var (convolution, norm) = layer;
        using var scope = NewDisposeScope();
        var weight_OIHW = convolution.Weight();
        var weight = convolution.Size == 1
            ? _weights.Copy(weight_OIHW.flatten(1), _precision)
            : _weights.Keep(weight_OIHW.permute(0, 2, 3, 1).to(_precision, copy: true).contiguous().permute(0, 3, 1, 2)); // channels last in memory
        return new Folded(weight, _weights.Copy(norm.Scale.Value), _weights.Copy(norm.Bias.Value), convolution.Size, convolution.Stride);
    }

    private sealed record Folded(Tensor Weight, Tensor Scale, Tensor Bias, int Size, int Stride);

    private sealed record FoldedUnit(Folded? Projection, Folded First, Folded Second, Folded Third);
}
