namespace CrossFormer.Images;

/// <summary>Which codec turns a JPEG file into pixels. They differ in how they round the inverse DCT.</summary>
public enum JpegMethod
{
    /// <summary>
    /// libjpeg-turbo with its fast integer DCT: the pixels that the models were trained on. Where the library is absent,
    /// <see cref="Bundled"/> takes its place, and a warning says so (<see cref="ImageCodec.JpegCodecInUse"/>).
    /// </summary>
    Exact,
    /// <summary>libjpeg-turbo with the accurate DCT: most codecs' default, one level off in the mean, up to twelve at most.</summary>
    AccurateDct,
    /// <summary>SkiaSharp, whose native library comes with its NuGet package. Uses the accurate DCT too.</summary>
    Bundled,
}
