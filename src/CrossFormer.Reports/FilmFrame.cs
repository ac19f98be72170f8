namespace CrossFormer.Reports;

/// <summary>A picture of a filmstrip.</summary>
/// <param name="Image">A JPEG or PNG file.</param>
/// <param name="Caption">What stands below it, for example <c>step 3</c>; also read to those who do not see the picture.</param>
public readonly record struct FilmFrame(ReadOnlyMemory<byte> Image, string Caption);
