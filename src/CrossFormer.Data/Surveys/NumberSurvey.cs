using CrossFormer.Data.Rlds;

namespace CrossFormer.Data.Surveys;

/// <summary>The values of a feature of numbers over all steps.</summary>
/// <param name="Feature">The feature.</param>
/// <param name="Dimensions">
/// One per number of a step's value; where that is large (actions that come in chunks), one per place along its last
/// dimension.
/// </param>
public sealed record NumberSurvey(RldsFeature Feature, IReadOnlyList<ValueDistribution> Dimensions);
