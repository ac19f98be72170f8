namespace CrossFormer.Data.Conversion;

/// <summary>How far a conversion or modification is.</summary>
/// <param name="Done">Episodes done with, those of an interrupted run included.</param>
/// <param name="Total">Episodes of the source.</param>
/// <param name="Episode">The one that was done last.</param>
public readonly record struct ConversionProgress(long Done, long Total, string Episode);
