using CrossFormer.Data.Rlds;

namespace CrossFormer.Data.Surveys;

/// <summary>The images of one camera.</summary>
/// <param name="Feature">The feature.</param>
/// <param name="Images">How many there are, one per step.</param>
/// <param name="Bytes">Their encoded size together.</param>
/// <param name="Sizes">Episodes by height and width of their first image, the most frequent first.</param>
/// <param name="FirstFrames">First frames of some episodes, evenly chosen.</param>
/// <param name="Film">Frames of the first episode that has any, evenly spaced. Empty for depth.</param>
public sealed record CameraSurvey(
    RldsFeature Feature,
    long Images,
    long Bytes,
    IReadOnlyList<KeyValuePair<(int Height, int Width), int>> Sizes,
    IReadOnlyList<SampleFrame> FirstFrames,
    IReadOnlyList<SampleFrame> Film)
{
    /// <summary>Whether all of <see cref="FirstFrames"/> are black: a camera that was not there.</summary>
    public bool IsBlack { get; init; }
}
