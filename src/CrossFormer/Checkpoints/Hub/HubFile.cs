namespace CrossFormer.Checkpoints.Hub;

/// <summary>A file of a repository at a commit.</summary>
/// <param name="Path">Segments joined by '/'; checked to stay inside.</param>
/// <param name="Size">Bytes; null when the server did not say.</param>
/// <param name="Hash">SHA-256 of the content of a large file, git's SHA-1 of a small one; null when the server did not say.</param>
internal sealed record HubFile(string Path, long? Size, string? Hash)
{
    private const int Sha1Length = 40;
    private const int Sha256Length = 64;

    /// <summary>Refuses a name that would lead out of the folder that it is written to.</summary>
    /// <exception cref="HubException">It has '..', a backslash, or is absolute.</exception>
    public static string CheckPath(string path, HubReference reference)
    {
        var isPlain = path.Split('/').All(s => s is not ("" or "." or "..")) && !path.Any(c => c == '\\' || char.IsControl(c) || (c == ':' && OperatingSystem.IsWindows()));
        if (isPlain)
            return path;
        var shown = path.Replace("\0", "\\0");
        throw new HubException(HubFailure.Protocol, $"{reference}: the server lists a file '{shown}', which would lie outside the repository; nothing was downloaded.");
    }

    /// <summary>An ETag without quotes and weakness mark; null when it could not be a file's name.</summary>
    public static string? NormalizeETag(string? header)
    {
        var tag = header?.Trim();
        if (tag is not null && tag.StartsWith("W/"))
            tag = tag[2..];
        tag = tag?.Trim('"');
        return !string.IsNullOrEmpty(tag) && tag.Length <= 128 && tag.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_') ? tag : null;
    }

    /// <summary>Whether a hash is one that the content can be checked against.</summary>
    public static bool IsChecksum(string hash) => IsSha256(hash) || HubReference.IsHash(hash, Sha1Length);

    /// <summary>Whether a hash is a large file's.</summary>
    public static bool IsSha256(string hash) => HubReference.IsHash(hash, Sha256Length);
}
