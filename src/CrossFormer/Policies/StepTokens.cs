using static TorchSharp.torch;

namespace CrossFormer.Policies;

/// <summary>One frame's tokens, ready for the transformer: kept from step to step, for a frame's tokens do not depend on its place in the window.</summary>
/// <param name="Groups">float32 [N, E] for each stream of the acting model, in its order.</param>
internal sealed record StepTokens(IReadOnlyList<Tensor> Groups) : IDisposable
{
    public void Dispose()
    {
        foreach (var tokens in Groups)
            tokens.Dispose();
    }
}
