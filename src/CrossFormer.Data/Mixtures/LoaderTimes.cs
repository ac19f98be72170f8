namespace CrossFormer.Data.Mixtures;

/// <summary>What a loader's workers have spent their time on so far, all of them together.</summary>
/// <param name="Reading">Episodes: reading, checksums, the trajectory stage.</param>
/// <param name="Decoding">Image files to pixels.</param>
/// <param name="Resizing">To the size wanted.</param>
/// <param name="Augmenting">Random changes.</param>
/// <param name="Copying">Numbers, masks, texts, and blank or repeated images.</param>
public sealed record LoaderTimes(TimeSpan Reading, TimeSpan Decoding, TimeSpan Resizing, TimeSpan Augmenting, TimeSpan Copying);
