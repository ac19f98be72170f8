using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;
using CrossFormer.Arrays;

namespace CrossFormer.Formats;

/// <summary>
/// Reads numpy's <c>.npy</c> (format 1 to 3) and <c>.npz</c> files, and writes them (format 1, not compressed, as numpy.savez does). C order only, no objects: a pickled array is refused,
/// never executed. Strings (<c>&lt;U</c>, <c>|S</c>) are refused too. Source: numpy.lib.format.
/// </summary>
public static partial class Npz
{
    private const int MaxArrayBytes = int.MaxValue - 64;

    /// <summary>Reads every array of an <c>.npz</c> file, keyed by name without the <c>.npy</c> ending.</summary>
    /// <exception cref="CorruptFileException">The file is no zip archive, or an array in it is malformed.</exception>
    public static IReadOnlyDictionary<string, NdArray> Read(string path)
    {
        using var file = File.OpenRead(path);
        return Read(file, path);
    }

    /// <summary>Reads every array of an <c>.npz</c> stream, keyed by name without the <c>.npy</c> ending.</summary>
    /// <param name="stream">A seekable stream.</param>
    /// <param name="path">What to call the file in errors.</param>
    /// <exception cref="CorruptFileException">The stream is no zip archive, or an array in it is malformed.</exception>
    public static IReadOnlyDictionary<string, NdArray> Read(Stream stream, string path)
    {
        try
        {
            using var zip = new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen: true);
            var arrays = new Dictionary<string, NdArray>();
            foreach (var entry in zip.Entries)
            {
                using var content = entry.Open();
                var name = entry.FullName.EndsWith(".npy") ? entry.FullName[..^4] : entry.FullName;
                if (!arrays.TryAdd(name, ReadNpy(content, $"{path}:{entry.FullName}")))
                    throw new CorruptFileException(path, 0, $"the array '{name}' occurs twice");
            }

            return arrays;
        }
        catch (InvalidDataException e)
        {
            throw new CorruptFileException(path, 0, $"not a readable zip archive ({e.Message})", e);
        }
    }

    /// <summary>Reads one <c>.npy</c> stream.</summary>
    /// <param name="stream">Positioned at the magic bytes.</param>
    /// <param name="name">What to call the file in errors.</param>
    public static NdArray ReadNpy(Stream stream, string name)
    {
        Span<byte> head = stackalloc byte[12];
        Fill(stream, head[..8], name, 0);
        if (!head[..6].SequenceEqual(Magic))
            throw new CorruptFileException(name, 0, "expected the magic bytes of a .npy file");
        var version = head[6];
        if (version is < 1 or > 3)
            throw new CorruptFileException(name, 6, $"expected .npy format 1 to 3, found {version}");
        var lengthBytes = version == 1 ? 2 : 4;
        Fill(stream, head.Slice(8, lengthBytes), name, 8);
        var headerLength = version == 1 ? BitConverter.ToUInt16(head[8..]) : BitConverter.ToUInt32(head[8..]);
        if (headerLength > 1 << 20)
            throw new CorruptFileException(name, 8, $"a header of {headerLength} bytes");
        var header = new byte[headerLength];
        Fill(stream, header, name, 8 + lengthBytes);
        var text = Encoding.UTF8.GetString(header);
        var match = HeaderPattern().Match(text);
        if (!match.Success)
            throw new CorruptFileException(name, 10, $"expected {{'descr': …, 'fortran_order': …, 'shape': …}}, found {text.Trim()}");
        if (!DTypes.TryParse(match.Groups["descr"].Value, out var dtype))
            throw new CorruptFileException(name, 10, $"unknown element type '{match.Groups["descr"].Value}'");
        var fields = match.Groups["shape"].Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var shape = new int[fields.Length];
        long bytes = dtype.Size();
        for (var i = 0; i < shape.Length; i++)
        {
            if (!int.TryParse(fields[i], out shape[i]) || (bytes *= shape[i]) > MaxArrayBytes)
                throw new CorruptFileException(name, 10, $"shape ({match.Groups["shape"].Value}) of {dtype.NumpyName()} is too large");
        }

        if (match.Groups["fortran"].Value == "True" && shape.Length > 1)
            throw new CorruptFileException(name, 10, "Fortran order is not supported; save with numpy.ascontiguousarray");
        return new NdArray(dtype, shape, ReadBody(stream, (int)bytes, name, 8 + lengthBytes + headerLength));
    }

    /// <summary>Writes arrays as an <c>.npz</c> file, not compressed.</summary>
    /// <param name="stream">The destination; need not be seekable.</param>
    /// <param name="arrays">Names (without <c>.npy</c>) and arrays, in the order of the archive.</param>
    /// <exception cref="ArgumentException">An array is bfloat16, which numpy has no code for.</exception>
    public static void Write(Stream stream, IEnumerable<KeyValuePair<string, StoredArray>> arrays)
    {
        using var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
        foreach (var (name, array) in arrays)
        {
            var entry = zip.CreateEntry(name + ".npy", CompressionLevel.NoCompression);
            entry.LastWriteTime = Epoch;
            using var content = entry.Open();
            WriteNpy(content, array);
        }
    }

    /// <summary>Writes one <c>.npy</c> stream.</summary>
    /// <exception cref="ArgumentException">The array is bfloat16, which numpy has no code for.</exception>
    public static void WriteNpy(Stream stream, StoredArray array)
    {
        if (array.DType == DType.BFloat16)
            throw new ArgumentException("numpy has no code for bfloat16; convert to float32, or write safetensors.", nameof(array));
        var shape = array.Shape.Length == 1 ? $"{array.Shape[0]}," : string.Join(", ", array.Shape);
        var text = $"{{'descr': '{array.DType.Code()}', 'fortran_order': False, 'shape': ({shape}), }}";
        // Elements begin at a multiple of 64: 10 bytes come before the text, a line feed ends it.
        var header = Encoding.ASCII.GetBytes(text.PadRight((text.Length + 11 + 63) / 64 * 64 - 11) + "\n");
        stream.Write([.. Magic, 1, 0, (byte)header.Length, (byte)(header.Length >> 8)]);
        stream.Write(header);
        array.WriteTo(stream);
    }

    // Zip's first day: the same arrays give the same bytes.
    private static DateTimeOffset Epoch => new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    // Grows with what is really there, so that a lying header costs no memory.
    private static byte[] ReadBody(Stream stream, int bytes, string name, long offset)
    {
        var body = new byte[Math.Min(bytes, 1 << 20)];
        var filled = 0;
        while (filled < bytes)
        {
            if (filled == body.Length)
                Array.Resize(ref body, (int)Math.Min(bytes, 2L * body.Length));
            var n = stream.Read(body, filled, body.Length - filled);
            if (n == 0)
                throw new CorruptFileException(name, offset + filled, $"expected {bytes} bytes of elements, found {filled}");
            filled += n;
        }

        return body;
    }

    private static void Fill(Stream stream, Span<byte> destination, string name, long offset)
    {
        var n = stream.ReadAtLeast(destination, destination.Length, throwOnEndOfStream: false);
        if (n < destination.Length)
            throw new CorruptFileException(name, offset + n, "the file ends inside the .npy header");
    }

    [GeneratedRegex(@"'descr':\s*'(?<descr>[^']+)',\s*'fortran_order':\s*(?<fortran>True|False),\s*'shape':\s*\((?<shape>[\d,\s]*)\)")]
    private static partial Regex HeaderPattern();
}
