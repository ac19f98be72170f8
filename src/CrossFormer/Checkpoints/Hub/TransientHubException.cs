namespace CrossFormer.Checkpoints.Hub;

/// <summary>A failure that may pass.</summary>
internal sealed class TransientHubException(string message, TimeSpan? retryAfter, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The wait that the server asks for; null: none asked.</summary>
    public TimeSpan? RetryAfter { get; } = retryAfter;
}
