using CrossFormer.Formats;

namespace CrossFormer.Images;

/// <summary>JPEG files to pixels and back. Thread-safe. The checks and limits are <see cref="ImageCodec"/>'s.</summary>
internal interface IJpegCodec
{
    /// <exception cref="CorruptFileException">Damaged, or too large.</exception>
    ImageHeader ReadHeader(ReadOnlySpan<byte> data, string name);

    /// <summary>Decodes into memory of exactly the right size.</summary>
    /// <param name="data">The file.</param>
    /// <param name="channels">1, 3 or 4.</param>
    /// <param name="eighths">Of the full height and width, each rounded up; 1 to 8.</param>
    /// <param name="destination">[height, width, channels].</param>
    /// <param name="name">What errors call it.</param>
    /// <exception cref="ArgumentException">The destination has another size.</exception>
    /// <exception cref="CorruptFileException">Damaged, or too large.</exception>
    void Decode(ReadOnlySpan<byte> data, int channels, int eighths, Span<byte> destination, string name);

    /// <summary>Encodes [height, width, channels] of 1 or 3 channels.</summary>
    byte[] Encode(ReadOnlySpan<byte> pixels, int height, int width, int channels, int quality, JpegSubsampling subsampling);
}
