using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace CrossFormer.Checkpoints.Hub;

/// <summary>The checksums by which the Hub names content.</summary>
internal static class HubChecksum
{
    private const int BufferBytes = 1 << 20;

    /// <summary>Lower-case hexadecimal SHA-256 of a file, as Git LFS names it, or SHA-1 of the file behind <c>blob LENGTH\0</c>, as git does.</summary>
    public static async Task<string> OfFileAsync(string path, bool isLarge, CancellationToken cancellation)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
        using var hash = IncrementalHash.CreateHash(isLarge ? HashAlgorithmName.SHA256 : HashAlgorithmName.SHA1);
        if (!isLarge)
            hash.AppendData(Encoding.ASCII.GetBytes($"blob {file.Length.ToString(CultureInfo.InvariantCulture)}\0"));
        var buffer = new byte[BufferBytes];
        while (await file.ReadAsync(buffer, cancellation).ConfigureAwait(false) is > 0 and var read)
            hash.AppendData(buffer, 0, read);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
