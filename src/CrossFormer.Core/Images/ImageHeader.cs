namespace CrossFormer.Images;

/// <summary>What an image file says of itself before its pixels are decoded.</summary>
/// <param name="Format">JPEG or PNG.</param>
/// <param name="Height">Rows, 1 to <see cref="ImageCodec.MaxPixels"/> in all pixels.</param>
/// <param name="Width">Columns.</param>
/// <param name="Channels">Channels that decoding with <c>channels: 0</c> gives: 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA.</param>
/// <param name="BitDepth">Bits of a sample in the file: 1, 2, 4, 8 or 16.</param>
public readonly record struct ImageHeader(ImageFormat Format, int Height, int Width, int Channels, int BitDepth);
