namespace CrossFormer.Data.Surveys;

/// <summary>An image and where it comes from.</summary>
/// <param name="Image">A JPEG or PNG file.</param>
/// <param name="Split">The split.</param>
/// <param name="Episode">The episode's number in the split, from 0.</param>
/// <param name="Step">The step's number, from 0.</param>
public readonly record struct SampleFrame(ReadOnlyMemory<byte> Image, string Split, int Episode, int Step);
