namespace CrossFormer.Images;

/// <summary>What an image file says of itself before its pixels are decoded.</summary>
/// <param name="Format">JPEG or PNG.</param>
/// <param name="Height">Rows, 1 to <see cref="ImageCodec.MaxPixels"/> in all pixels.</param>
/// <param name="Width">Columns.</param>
/// <param name="Channels">Channels that decoding with <c>channels: 0</c> gives: 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA.</param>
/// <param name="BitDepth">Bits of a sample in the file: 1, 2, 4, 8 or 16.</param>
public readonly record struct ImageHeader(ImageFormat Format, int Height, int Width, int Channels, int BitDepth)
{
    /// <summary>The size at a number of eighths of it, rounded up, as libjpeg scales while it decodes.</summary>
    /// <param name="eighths">1 to 8.</param>
    public ImageHeader Scaled(int eighths)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(eighths, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(eighths, 8);
        return this with { Height = (int)(((long)Height * eighths + 7) / 8), Width = (int)(((long)Width * eighths + 7) / 8) };
    }

    /// <summary>The fewest eighths at which a JPEG file still has a size; 8 where it is too small already, and for other files.</summary>
    /// <param name="height">Rows that are wanted, at least 1.</param>
    /// <param name="width">Columns that are wanted, at least 1.</param>
    public int EighthsFor(int height, int width)
    {
        for (var eighths = 1; Format == ImageFormat.Jpeg && eighths < 8; eighths++)
        {
            if (Scaled(eighths) is var scaled && scaled.Height >= height && scaled.Width >= width)
                return eighths;
        }

        return 8;
    }
}
