namespace CrossFormer.Formats;

/// <summary>Where a node or a value lies.</summary>
/// <param name="BasePath">The base of the paths that a node there names.</param>
/// <param name="Path">The data file, relative to the database's folder.</param>
/// <param name="Offset">First byte.</param>
/// <param name="Length">Number of bytes.</param>
internal readonly record struct OcdbtLocation(string BasePath, string Path, ulong Offset, ulong Length)
{
    /// <summary>So a version without any key says that it has no root.</summary>
    public bool IsMissing => Offset == ulong.MaxValue && Length == ulong.MaxValue;
}
