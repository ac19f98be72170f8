namespace CrossFormer.Data.Conversion;

/// <summary>An episode that a source holds.</summary>
/// <param name="Name">What errors call it, and what becomes <c>episode_metadata/file_path</c>: file, folder or group, relative to the source.</param>
/// <param name="Split">The split that the source puts it in; <c>train</c> where it knows none.</param>
public sealed record SourceEntry(string Name, string Split = "train");
