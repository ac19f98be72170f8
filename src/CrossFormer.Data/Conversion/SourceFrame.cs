using CrossFormer.Arrays;

namespace CrossFormer.Data.Conversion;

/// <summary>A camera's frame as the source has it: pixels, or an image file.</summary>
public readonly record struct SourceFrame
{
    /// <summary>A frame of pixels.</summary>
    /// <param name="pixels">uint8 [H, W, 1], [H, W, 3] or [H, W, 4].</param>
    public SourceFrame(NdArray pixels) => Pixels = pixels;

    /// <summary>A frame that is a JPEG or PNG file.</summary>
    public SourceFrame(ReadOnlyMemory<byte> file) => File = file;

    /// <summary>uint8 [H, W, channels]; null when it is a file.</summary>
    public NdArray? Pixels { get; }

    /// <summary>The image file; empty when it is pixels.</summary>
    public ReadOnlyMemory<byte> File { get; }
}
