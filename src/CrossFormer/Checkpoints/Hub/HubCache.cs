namespace CrossFormer.Checkpoints.Hub;

/// <summary>
/// A repository's folder in the Hub's cache, laid out as Python's <c>huggingface_hub</c> does, so that each finds the other's
/// files: <c>models--OWNER--NAME/blobs/ETAG</c> holds the bytes, <c>snapshots/COMMIT/PATH</c> links there, <c>refs/REVISION</c>
/// holds the commit, <c>blobs/ETAG.incomplete</c> what has arrived so far, and <c>.locks/models--OWNER--NAME/ETAG.lock</c>
/// beside the repositories is locked (flock) while a blob is written.
/// </summary>
/// <param name="root">Root of the cache.</param>
/// <param name="reference">The repository.</param>
/// <param name="createLink">Makes a symbolic link (path, target); tests put a file system without links in its place.</param>
internal sealed class HubCache(string root, HubReference reference, Action<string, string>? createLink = null)
{
    // How .NET says that another has the lock: EWOULDBLOCK on Linux and macOS, ERROR_SHARING_VIOLATION on Windows.
    private static readonly int[] LockedElsewhere = [11, 35, unchecked((int)0x80070020)];
    private static readonly TimeSpan LockPoll = TimeSpan.FromMilliseconds(100);

    private readonly Action<string, string> _createLink = createLink ?? ((path, target) => File.CreateSymbolicLink(path, target));

    /// <summary>The repository's folder.</summary>
    public string Folder { get; } = Path.Combine(root, FolderName(reference));

    /// <summary>The revision that is wanted of it.</summary>
    public string Revision => reference.Revision;

    public string Snapshot(string commit) => Path.Combine(Folder, "snapshots", commit);

    public string Pointer(string commit, HubFile file) => Path.Combine(Snapshot(commit), Path.Combine(file.Path.Split('/')));

    public string Blob(string hash) => Path.Combine(Folder, "blobs", hash);

    public string Incomplete(string hash) => Blob(hash) + ".incomplete";

    /// <summary>The commit that the revision stood for when it was last downloaded, if its snapshot is still there; else null.</summary>
    public string? CachedCommit()
    {
        var commit = reference.IsCommit ? reference.Revision : ReadReference();
        return HubReference.IsHash(commit, 40) && Directory.Exists(Snapshot(commit)) ? commit : null;
    }

    /// <summary>Remembers what the revision stands for.</summary>
    public void WriteReference(string commit)
    {
        if (reference.Revision == commit || ReadReference() == commit)
            return;
        var file = ReferenceFile();
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        Formats.AtomicFile.Write(file, System.Text.Encoding.ASCII.GetBytes(commit));
    }

    /// <summary>Whether the snapshot has the file, whole as far as its length tells.</summary>
    public bool Has(string commit, HubFile file)
    {
        var path = Pointer(commit, file);
        if (!File.Exists(path))
            return false;
        using var handle = File.OpenHandle(path);
        return file.Size is null || RandomAccess.GetLength(handle) == file.Size;
    }

    /// <summary>Waits until no other process or task writes the blob.</summary>
    /// <returns>To be disposed when the blob is written.</returns>
    public async Task<IDisposable> LockAsync(string hash, CancellationToken cancellation)
    {
        var file = Path.Combine(root, ".locks", FolderName(reference), hash + ".lock");
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        Directory.CreateDirectory(Path.Combine(Folder, "blobs"));
        while (true)
        {
            try
            {
                // On Unix, FileShare.None is flock(LOCK_EX), which Python's filelock takes too.
                return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException e) when (LockedElsewhere.Contains(e.HResult))
            {
                await Task.Delay(LockPoll, cancellation).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Lets the snapshot's name stand for the blob: a relative link; where links are impossible, the file itself, which then has no blob, as Python does it.</summary>
    /// <param name="hash">The blob.</param>
    /// <param name="commit">The snapshot.</param>
    /// <param name="file">The file in it.</param>
    /// <param name="isNew">The blob was downloaded just now: no other snapshot needs it.</param>
    public void Link(string hash, string commit, HubFile file, bool isNew)
    {
        var (blob, pointer) = (Blob(hash), Pointer(commit, file));
        var folder = Path.GetDirectoryName(pointer)!;
        Directory.CreateDirectory(folder);
        // Under another name first: who reads meanwhile finds the old file or the new one.
        var temporary = Path.Combine(folder, $".{Guid.NewGuid():n}.tmp");
        try
        {
            _createLink(temporary, Path.GetRelativePath(folder, blob));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or PlatformNotSupportedException)
        {
            if (isNew)
                temporary = blob;
            else
                File.Copy(blob, temporary);
        }

        File.Move(temporary, pointer, overwrite: true);
    }

    private static string FolderName(HubReference reference) => $"models--{reference.Owner}--{reference.Name}";

    private string ReferenceFile() => Path.Combine(Folder, "refs", Path.Combine(reference.Revision.Split('/')));

    private string? ReadReference() => File.Exists(ReferenceFile()) ? File.ReadAllText(ReferenceFile()).Trim() : null;
}
