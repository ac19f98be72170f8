namespace CrossFormer.Images;

/// <summary>File formats of images, told apart by their first bytes and never by a name.</summary>
public enum ImageFormat
{
    /// <summary>None of the others.</summary>
    Unknown,
    /// <summary>Begins with FF D8 FF.</summary>
    Jpeg,
    /// <summary>Begins with 89 50 4E 47 0D 0A 1A 0A.</summary>
    Png,
}
