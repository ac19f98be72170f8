using static TorchSharp.torch;

namespace CrossFormer.Layers;

/// <summary>Dropout that is the identity unless training (torch's functional form defaults to training).</summary>
internal readonly record struct Dropout(double Rate)
{
    public Tensor Forward(Tensor x, Computation computation) => computation.Train && Rate > 0 ? nn.functional.dropout(x, Rate, training: true) : x.alias();
}
