using static TorchSharp.torch;

namespace CrossFormer.Heads;

/// <summary>A head's loss over a batch and what is logged beside it. Scalars, float32.</summary>
/// <param name="Loss">What is minimised; carries the gradient.</param>
/// <param name="Mse">Masked mean squared error.</param>
/// <param name="SignError">Share of valid elements whose predicted sign is wrong; zero counts as negative (reference: lsign).</param>
public sealed record HeadLoss(Tensor Loss, Tensor Mse, Tensor SignError) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose()
    {
        Loss.Dispose();
        Mse.Dispose();
        SignError.Dispose();
    }
}
