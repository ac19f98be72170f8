using static TorchSharp.torch;

namespace CrossFormer.Parameters;

/// <summary>Tensors that an acting form made from parameters and owns until it is disposed.</summary>
internal sealed class FoldedWeights : IDisposable
{
    private readonly List<Tensor> _tensors = [];

    /// <summary>Keeps a copy of <paramref name="source"/> in a precision, contiguous, that shares no memory with it.</summary>
    public Tensor Copy(Tensor source, ScalarType precision = ScalarType.Float32) => Keep(source.to(precision, copy: true).contiguous());

    /// <summary>Takes a tensor over as it is, layout included.</summary>
    public Tensor Keep(Tensor tensor)
    {
        _tensors.Add(tensor.DetachFromDisposeScope());
        return tensor;
    }

    public void Dispose()
    {
        foreach (var tensor in _tensors)
            tensor.Dispose();
        _tensors.Clear();
    }
}
