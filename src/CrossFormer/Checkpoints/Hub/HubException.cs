namespace CrossFormer.Checkpoints.Hub;

/// <summary>A checkpoint could not be had from the Hub. The message says what to do about it.</summary>
/// <param name="failure">Why.</param>
/// <param name="message">What was asked for, what came back, and what to do.</param>
/// <param name="inner">The cause, when another library noticed it.</param>
public sealed class HubException(HubFailure failure, string message, Exception? inner = null) : IOException(message, inner)
{
    /// <summary>Why.</summary>
    public HubFailure Failure { get; } = failure;
}
