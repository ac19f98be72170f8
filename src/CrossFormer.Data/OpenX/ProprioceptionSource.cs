namespace CrossFormer.Data.OpenX;

/// <summary>One proprioceptive input: <c>observation/proprio_NAME</c>.</summary>
/// <param name="Name">For example <c>bimanual</c>.</param>
/// <param name="Source">The column below <c>observation/</c> that it comes from; null stands for zeros: the robot has none.</param>
/// <param name="Width">How many zeros when there is no source; else 0 when the data decide.</param>
public sealed record ProprioceptionSource(string Name, string? Source, int Width);
