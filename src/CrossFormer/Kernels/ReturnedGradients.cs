using static TorchSharp.torch;

namespace CrossFormer.Kernels;

/// <summary>
/// Gradients that our autograd functions returned. TorchSharp leaves their handles to the caller's dispose scope, where every
/// activation's gradient would stay in memory until the step's end. torch has taken them over when the next function's backward
/// runs on the same thread: then the handles go.
/// </summary>
internal static class ReturnedGradients
{
    [ThreadStatic]
    private static List<Tensor>? _last;

    public static List<Tensor> Keep(List<Tensor> gradients)
    {
        _last = gradients;
        foreach (var gradient in gradients)
            gradient?.DetachFromDisposeScope();
        return gradients;
    }

    public static void Release()
    {
        foreach (var gradient in _last ?? [])
            gradient?.Dispose();
        _last = null;
    }
}
