namespace CrossFormer.Checkpoints.Hub;

/// <summary>An answer, its content still to be read.</summary>
/// <param name="Response">The last answer.</param>
/// <param name="Commit">The repository's commit; null when the server did not say.</param>
/// <param name="Hash">The content's ETag; null when the server did not say.</param>
/// <param name="Size">The whole content's size; null when the server did not say.</param>
internal sealed record HubAnswer(HttpResponseMessage Response, string? Commit, string? Hash, long? Size) : IDisposable
{
    public void Dispose() => Response.Dispose();
}
