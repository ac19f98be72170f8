using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;

namespace CrossFormer.Images;

/// <summary>Writes PNG: each row with the filter that leaves the smallest sum of absolute differences, one IDAT chunk.</summary>
internal static class PngEncoder
{
    public static byte[] Encode(ReadOnlySpan<byte> samples, int height, int width, int channels, int bytesPerSample)
    {
        using var compressed = new MemoryStream();
        using (var stream = new ZLibStream(compressed, CompressionLevel.Optimal, leaveOpen: true))
            WriteRows(samples, height, width * channels * bytesPerSample, channels * bytesPerSample, bytesPerSample, stream);

        Span<byte> header = stackalloc byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], height);
        header[8] = (byte)(8 * bytesPerSample);
        header[9] = (byte)(channels switch { 1 => 0, 2 => 4, 3 => 2, _ => 6 });
        header[10] = header[11] = header[12] = 0;

        using var file = new MemoryStream((int)compressed.Length + 64);
        file.Write(PngDecoder.Magic);
        WriteChunk(file, "IHDR"u8, header);
        WriteChunk(file, "IDAT"u8, compressed.GetBuffer().AsSpan(0, (int)compressed.Length));
        WriteChunk(file, "IEND"u8, []);
        return file.ToArray();
    }

    private static void WriteRows(ReadOnlySpan<byte> samples, int height, int rowBytes, int distance, int bytesPerSample, ZLibStream stream)
    {
        byte[] previous = new byte[rowBytes], current = new byte[rowBytes], best = new byte[rowBytes + 1], candidate = new byte[rowBytes + 1];
        for (var y = 0; y < height; y++)
        {
            samples.Slice(y * rowBytes, rowBytes).CopyTo(current);
            // Our arrays are little-endian, PNG is big-endian.
            for (var i = 0; bytesPerSample == 2 && i < rowBytes; i += 2)
                (current[i], current[i + 1]) = (current[i + 1], current[i]);
            var least = long.MaxValue;
            for (byte filter = 0; filter < 5; filter++)
            {
                candidate[0] = filter;
                PngFilter.Apply(filter, current, previous, distance, candidate.AsSpan(1));
                long sum = 0;
                foreach (var b in candidate.AsSpan(1))
                    sum += Math.Abs((int)(sbyte)b);
                if (sum < least)
                {
                    least = sum;
                    (best, candidate) = (candidate, best);
                }
            }

            stream.Write(best);
            (previous, current) = (current, previous);
        }
    }

    private static void WriteChunk(MemoryStream file, ReadOnlySpan<byte> type, ReadOnlySpan<byte> content)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, content.Length);
        file.Write(number);
        file.Write(type);
        file.Write(content);
        var crc = new Crc32();
        crc.Append(type);
        crc.Append(content);
        BinaryPrimitives.WriteUInt32BigEndian(number, crc.GetCurrentHashAsUInt32());
        file.Write(number);
    }
}
