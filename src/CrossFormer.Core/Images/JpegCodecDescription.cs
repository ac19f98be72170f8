namespace CrossFormer.Images;

/// <summary>A JPEG codec as it was found.</summary>
/// <param name="Description">Which one, and for a system library where; or what its absence means.</param>
/// <param name="IsExact">Whether it gives the pixels that the reference decodes.</param>
public sealed record JpegCodecDescription(string Description, bool IsExact);
