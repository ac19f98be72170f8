namespace CrossFormer.Images;

/// <summary>How coarsely a JPEG file stores colour. The numbers are TurboJPEG's.</summary>
public enum JpegSubsampling
{
    /// <summary>4:4:4, colour at full resolution.</summary>
    Full = 0,
    /// <summary>4:2:2, half the columns.</summary>
    HalfWidth = 1,
    /// <summary>4:2:0, half the columns and rows: what cameras and TensorFlow write.</summary>
    Half = 2,
}
