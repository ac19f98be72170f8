namespace CrossFormer.Data.Surveys;

/// <summary>A split as it was read.</summary>
/// <param name="Name">Its name, for example <c>train</c>.</param>
/// <param name="Promised">How many episodes dataset_info.json tells.</param>
/// <param name="Lengths">Steps of every episode that was read, in file order.</param>
public sealed record SplitSurvey(string Name, int Promised, IReadOnlyList<int> Lengths)
{
    /// <summary>Episodes that were read.</summary>
    public int Episodes => Lengths.Count;

    /// <summary>Their steps together.</summary>
    public long Steps { get; } = Lengths.Sum(l => (long)l);
}
