namespace CrossFormer.Data.OpenX;

/// <summary>One camera, in colour or depth: <c>observation/image_VIEW</c> or <c>observation/depth_VIEW</c>.</summary>
/// <param name="View">For example <c>primary</c>.</param>
/// <param name="Source">The column below <c>observation/</c> that it comes from; null stands for a blank image: the robot has no such camera.</param>
public sealed record ViewSource(string View, string? Source);
