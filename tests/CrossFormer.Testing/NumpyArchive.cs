using System.IO.Compression;
using System.Text;
using CrossFormer.Arrays;
using CrossFormer.Formats;

namespace CrossFormer.Testing;

/// <summary>A golden <c>.npz</c> that holds byte strings (numpy's <c>|S</c>) beside numbers; the library refuses those.</summary>
/// <param name="Numbers">Arrays of numbers by name.</param>
/// <param name="Texts">Byte strings by name, without the zeros that numpy fills them up with.</param>
public sealed record NumpyArchive(IReadOnlyDictionary<string, NdArray> Numbers, IReadOnlyDictionary<string, byte[][]> Texts)
{
    /// <summary>Reads a file.</summary>
    public static NumpyArchive Read(string path)
    {
        var (numbers, texts) = (new Dictionary<string, NdArray>(), new Dictionary<string, byte[][]>());
        using var zip = ZipFile.OpenRead(path);
        foreach (var entry in zip.Entries)
        {
            using var stream = entry.Open();
            using var content = new MemoryStream();
            stream.CopyTo(content);
            var (name, bytes) = (entry.FullName[..^".npy".Length], content.ToArray());
            if (Strings(bytes) is { } strings)
                texts[name] = strings;
            else
                numbers[name] = Npz.ReadNpy(new MemoryStream(bytes), name);
        }

        return new NumpyArchive(numbers, texts);
    }

    private static byte[][]? Strings(byte[] npy)
    {
        var start = 10 + BitConverter.ToUInt16(npy, 8);
        var header = Encoding.ASCII.GetString(npy, 10, start - 10);
        var mark = header.IndexOf("'|S", StringComparison.Ordinal);
        if (mark < 0)
            return null;
        var width = int.Parse(header[(mark + 3)..header.IndexOf('\'', mark + 3)]);
        return [.. npy[start..].Chunk(width).Select(c => c[..(c.AsSpan().LastIndexOfAnyExcept((byte)0) + 1)])];
    }
}
