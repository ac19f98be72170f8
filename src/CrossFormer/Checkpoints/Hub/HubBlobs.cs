using System.Net;

namespace CrossFormer.Checkpoints.Hub;

/// <summary>Brings single files into the cache: whole, checked, and each only once at a time.</summary>
internal sealed class HubBlobs(HubTransport transport, HubApi api, HubRetry retry, HubCache cache, HubOptions options, DownloadTally tally)
{
    private const int BufferBytes = 1 << 18;

    /// <summary>Brings a file that the snapshot lacks.</summary>
    public async Task FetchAsync(HubFile file, string commit, CancellationToken cancellation)
    {
        if (file.Hash is null)
            file = await api.ReadFileAsync(file, commit, cancellation).ConfigureAwait(false);
        var hash = file.Hash!;
        using var held = await cache.LockAsync(hash, cancellation).ConfigureAwait(false);
        var isNew = !IsWhole(cache.Blob(hash), file.Size);
        if (isNew)
        {
            var incomplete = cache.Incomplete(hash);
            tally.Add(file.Path, Length(incomplete));
            await retry.RunAsync(() => TransferAsync(file, commit, incomplete, cancellation), () => Length(incomplete), cancellation).ConfigureAwait(false);
            await CheckAsync(file, incomplete, cancellation).ConfigureAwait(false);
            File.Move(incomplete, cache.Blob(hash), overwrite: true);
        }
        else
        {
            tally.Add(file.Path, file.Size ?? 0);
        }

        cache.Link(hash, commit, file, isNew);
    }

    // One connection: appends to what is there. Ends well only when all bytes are there.
    private async Task<bool> TransferAsync(HubFile file, string commit, string incomplete, CancellationToken cancellation)
    {
        await using var target = new FileStream(incomplete, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read, bufferSize: 0);
        if (target.Length > file.Size)
            Restart(target, file);
        if (target.Length == file.Size && file.Size > 0)
            return true;
        target.Seek(0, SeekOrigin.End);
        using var answer = await transport.SendAsync(HttpMethod.Get, api.FileUrl(file, commit), target.Length, api.Subject(file), cancellation).ConfigureAwait(false);
        if (answer.Hash is { } hash && HubFile.IsChecksum(hash) && HubFile.IsChecksum(file.Hash!) && hash != file.Hash)
            throw new HubException(HubFailure.Protocol, $"{api.Subject(file)}: expected the file with hash {file.Hash}, the server offers {hash}.");
        var size = file.Size ?? answer.Size;
        if (answer.Response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            if (target.Length == size)
                return true;
            Restart(target, file);
            throw new TransientHubException($"{api.Subject(file)}: the part that was here is longer than the file", TimeSpan.Zero);
        }

        // A server that ignores ranges sends the whole file, and one that does not must go on where we stopped.
        if (answer.Response.StatusCode != HttpStatusCode.PartialContent)
            Restart(target, file);
        else if (answer.Response.Content.Headers.ContentRange?.From != target.Length)
            throw new HubException(HubFailure.Protocol, $"{api.Subject(file)}: asked for the bytes from {target.Length} on, got {answer.Response.Content.Headers.ContentRange}.");

        await CopyAsync(answer, target, file, size, cancellation).ConfigureAwait(false);
        target.Flush(flushToDisk: true);
        if (target.Length < size)
            throw new TransientHubException($"{api.Subject(file)}: the connection broke off after {target.Length} of {size} bytes", null);
        return true;
    }

    private async Task CopyAsync(HubAnswer answer, FileStream target, HubFile file, long? size, CancellationToken cancellation)
    {
        var buffer = new byte[BufferBytes];
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        int read;
        do
        {
            try
            {
                patience.CancelAfter(options.StallTimeout);
                var source = await answer.Response.Content.ReadAsStreamAsync(patience.Token).ConfigureAwait(false);
                read = await source.ReadAsync(buffer, patience.Token).ConfigureAwait(false);
            }
            catch (Exception e) when (e is IOException or HttpRequestException)
            {
                throw new TransientHubException($"{api.Subject(file)}: the connection broke off after {target.Length} bytes", null, e);
            }
            catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
            {
                throw new TransientHubException($"{api.Subject(file)}: nothing came for {options.StallTimeout.TotalSeconds} s after {target.Length} bytes", null, e);
            }

            if (target.Length + read > size)
            {
                target.SetLength(0);
                throw new HubException(HubFailure.Corrupt, $"{api.Subject(file)}: expected {size} bytes, the server sends more; what came was deleted.");
            }

            // Without the patience token: a full or failing disk is no fault of the connection.
            await target.WriteAsync(buffer.AsMemory(0, read), cancellation).ConfigureAwait(false);
            tally.Add(file.Path, read);
        }
        while (read > 0);
    }

    private void Restart(FileStream target, HubFile file)
    {
        tally.Add(file.Path, -target.Length);
        target.SetLength(0);
    }

    private async Task CheckAsync(HubFile file, string path, CancellationToken cancellation)
    {
        // An ETag of another kind (some mirrors) can be a name, not a check; the length was checked then.
        if (!HubFile.IsChecksum(file.Hash!))
            return;
        var found = await HubChecksum.OfFileAsync(path, HubFile.IsSha256(file.Hash!), cancellation).ConfigureAwait(false);
        if (found == file.Hash)
            return;
        tally.Add(file.Path, -Length(path));
        File.Delete(path);
        throw new HubException(
            HubFailure.Corrupt,
            $"{api.Subject(file)}: expected content of checksum {file.Hash}, got {found}; what came was deleted. "
            + "Try again; if it happens twice, something on the way changes the bytes.");
    }

    private static bool IsWhole(string path, long? size) => File.Exists(path) && (size is null || Length(path) == size);

    private static long Length(string path) => File.Exists(path) ? new FileInfo(path).Length : 0;
}
