using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;
using CrossFormer.Arrays;
using CrossFormer.Formats;

namespace CrossFormer.Data.Tests.Rlds;

/// <summary>An <c>.npz</c> of arrays and of byte strings ('S'), which the library's own reader refuses.</summary>
internal sealed partial class ExpectedValues
{
    private ExpectedValues(IReadOnlyDictionary<string, NdArray> arrays, IReadOnlyDictionary<string, (int[] Shape, byte[][] Values)> strings) =>
        (Arrays, Strings) = (arrays, strings);

    public IReadOnlyDictionary<string, NdArray> Arrays { get; }

    /// <summary>Strings without their trailing NULs, which numpy cannot tell from padding.</summary>
    public IReadOnlyDictionary<string, (int[] Shape, byte[][] Values)> Strings { get; }

    public static ExpectedValues Read(string path)
    {
        var arrays = new Dictionary<string, NdArray>();
        var strings = new Dictionary<string, (int[] Shape, byte[][] Values)>();
        using var zip = ZipFile.OpenRead(path);
        foreach (var entry in zip.Entries)
        {
            using var stream = entry.Open();
            using var memory = new MemoryStream();
            stream.CopyTo(memory);
            var name = entry.FullName[..^".npy".Length];
            var bytes = memory.ToArray();
            var bodyAt = 10 + BitConverter.ToUInt16(bytes, 8);
            var match = StringPattern().Match(Encoding.ASCII.GetString(bytes, 10, bodyAt - 10));
            if (!match.Success)
            {
                arrays.Add(name, Npz.ReadNpy(new MemoryStream(bytes), name));
                continue;
            }

            var width = int.Parse(match.Groups["width"].Value);
            int[] shape = [.. match.Groups["shape"].Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(int.Parse)];
            strings.Add(name, (shape, [.. Enumerable.Range(0, NdArray.ElementCount(shape)).Select(i => Trim(bytes.AsSpan(bodyAt + i * width, width)))]));
        }

        return new ExpectedValues(arrays, strings);
    }

    public static byte[] Trim(ReadOnlySpan<byte> text) => text.TrimEnd((byte)0).ToArray();

    [GeneratedRegex(@"'descr': '\|S(?<width>\d+)', 'fortran_order': False, 'shape': \((?<shape>[\d,\s]*)\)")]
    private static partial Regex StringPattern();
}
