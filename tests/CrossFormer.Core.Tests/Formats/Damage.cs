using CrossFormer.Formats;

namespace CrossFormer.Core.Tests.Formats;

/// <summary>Damages a file's bytes in every way of a kind and checks that its reader stays calm.</summary>
internal static class Damage
{
    /// <summary>A reader may allocate so many bytes beside what the input's size allows.</summary>
    private const long Slack = 1 << 20;

    /// <summary>Truncates at every <paramref name="stride"/>th byte: each must be refused.</summary>
    public static void Truncate(byte[] bytes, Action<byte[]> read, int stride = 1)
    {
        for (var length = 0; length < bytes.Length; length += stride)
        {
            var cut = bytes[..length];
            Assert.True(IsRefused(cut, read), $"truncated to {length} of {bytes.Length} bytes and read nevertheless");
        }
    }

    /// <summary>Flips every bit of every <paramref name="stride"/>th byte: each is refused, or read as another valid content.</summary>
    /// <returns>How many were refused.</returns>
    public static int Flip(byte[] bytes, Action<byte[]> read, int stride = 1)
    {
        var refused = 0;
        var damaged = bytes.ToArray();
        for (var i = 0; i < bytes.Length; i += stride)
        {
            for (var bit = 0; bit < 8; bit++)
            {
                damaged[i] ^= (byte)(1 << bit);
                refused += IsRefused(damaged, read) ? 1 : 0;
                damaged[i] = bytes[i];
            }
        }

        return refused;
    }

    /// <summary>Whether the reader throws the one exception that it may, having allocated no more than a small multiple of the input.</summary>
    public static bool IsRefused(byte[] bytes, Action<byte[]> read)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var refused = false;
        try
        {
            read(bytes);
        }
        catch (CorruptFileException)
        {
            refused = true;
        }

        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(allocated < Slack + (64L * bytes.Length), $"{allocated} bytes allocated for an input of {bytes.Length}");
        return refused;
    }
}
