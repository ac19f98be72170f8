namespace CrossFormer.Checkpoints.Hub;

/// <summary>
/// Turns whatever names a checkpoint into a folder on this machine. <see cref="CrossFormerModel.LoadPretrained"/> takes
/// folders only, so that loading never means the network:
/// <code>
/// var folder = await CheckpointLocation.ResolveAsync("hf://rail-berkeley/crossformer");
/// using var model = CrossFormerModel.LoadPretrained(folder);
/// </code>
/// </summary>
public static class CheckpointLocation
{
    /// <summary>Whether a checkpoint is on the Hub: <c>hf://…</c>.</summary>
    public static bool IsRemote(string checkpoint) => checkpoint.StartsWith(HubReference.Scheme);

    /// <summary>
    /// A folder stays what it is; <c>hf://owner/name[@revision]</c> is downloaded, see <see cref="CheckpointHub.DownloadAsync"/>,
    /// by the environment's settings, see <see cref="HubOptions"/>.
    /// </summary>
    /// <param name="checkpoint">Folder, safetensors file, or address.</param>
    /// <param name="progress">Told of bytes and notes, from several threads.</param>
    /// <param name="parts">Whether parameters are wanted.</param>
    /// <param name="step">Training step; null: the newest.</param>
    /// <param name="cancellation">Ends the download; what has arrived is kept.</param>
    /// <returns>A folder or file for <see cref="CrossFormerModel.LoadPretrained"/>; a local one is not looked at here.</returns>
    /// <exception cref="FormatException">The address is malformed.</exception>
    /// <exception cref="HubException">It cannot be had; the message says what to do.</exception>
    public static async Task<string> ResolveAsync(
        string checkpoint, IProgress<HubProgress>? progress = null, CheckpointParts parts = CheckpointParts.All, int? step = null, CancellationToken cancellation = default)
    {
        if (!IsRemote(checkpoint))
        {
            return checkpoint.Contains("://")
                ? throw new FormatException($"Expected a checkpoint's folder or {HubReference.Scheme}owner/name, got '{checkpoint}'.")
                : checkpoint;
        }

        return await WithHubAsync(hub => hub.DownloadAsync(HubReference.Parse(checkpoint), progress, parts, step, cancellation)).ConfigureAwait(false);
    }

    /// <summary>A file's path stays what it is; of <c>hf://owner/name[@revision]</c> the file of a given name is downloaded.</summary>
    /// <param name="path">A file, or the address of a repository.</param>
    /// <param name="file">The file's path in a repository.</param>
    /// <param name="progress">Told of bytes and notes, from several threads.</param>
    /// <param name="cancellation">Ends the download; what has arrived is kept.</param>
    /// <returns>The path of a file on this machine; a local one is not looked at here.</returns>
    /// <exception cref="FormatException">The address is malformed.</exception>
    /// <exception cref="HubException">It cannot be had; the message says what to do.</exception>
    public static async Task<string> ResolveFileAsync(string path, string file, IProgress<HubProgress>? progress = null, CancellationToken cancellation = default) => IsRemote(path)
        ? await WithHubAsync(hub => hub.DownloadFileAsync(HubReference.Parse(path), file, progress, cancellation)).ConfigureAwait(false)
        : path;

    private static async Task<string> WithHubAsync(Func<CheckpointHub, Task<string>> download)
    {
        var options = HubOptions.FromEnvironment();
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { Timeout = options.StallTimeout };
        return await download(new CheckpointHub(client, options)).ConfigureAwait(false);
    }
}
