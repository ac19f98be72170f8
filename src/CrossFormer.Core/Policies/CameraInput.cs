namespace CrossFormer.Policies;

/// <summary>One camera of a robot.</summary>
/// <param name="Key">The observation key that the model knows, for example <c>image_primary</c>.</param>
/// <param name="Source">What the robot or the dataset calls it, for example <c>image_0</c> or <c>cam_high</c>.</param>
/// <param name="Height">Height in pixels that the model expects; images of other sizes are resized.</param>
/// <param name="Width">Width in pixels that the model expects.</param>
public sealed record CameraInput(string Key, string Source, int Height, int Width);
