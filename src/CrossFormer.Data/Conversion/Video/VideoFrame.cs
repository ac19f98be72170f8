using CrossFormer.Arrays;

namespace CrossFormer.Data.Conversion.Video;

/// <summary>A frame of a video.</summary>
/// <param name="Seconds">When it is shown, on the file's own clock.</param>
/// <param name="Pixels">uint8 [H, W, 3], RGB.</param>
internal readonly record struct VideoFrame(double Seconds, NdArray Pixels);
