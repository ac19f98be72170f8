using CrossFormer.Arrays;

namespace CrossFormer.Data.Conversion;

/// <summary>One episode of a source, under the names that it will have as RLDS.</summary>
public sealed record SourceEpisode
{
    /// <summary>Number of steps, at least 1.</summary>
    public required int StepCount { get; init; }

    /// <summary>Numbers by the feature's name (<c>action</c>, <c>observation/state</c>): [steps, …] each, in the source's element type.</summary>
    public required IReadOnlyDictionary<string, NdArray> Numbers { get; init; }

    /// <summary>Texts by the feature's name, one a step; the instruction is not among them.</summary>
    public IReadOnlyDictionary<string, string[]> Texts { get; init; } = new Dictionary<string, string[]>();

    /// <summary>Cameras by the feature's name (<c>observation/front</c>): a frame a step. Every enumeration reads anew.</summary>
    public IReadOnlyDictionary<string, IEnumerable<SourceFrame>> Cameras { get; init; } = new Dictionary<string, IEnumerable<SourceFrame>>();

    /// <summary>What the robot was told, one a step; null where the source does not say.</summary>
    public IReadOnlyList<string>? Instructions { get; init; }

    /// <summary>Rewards [steps]; null where the source has none.</summary>
    public NdArray? Rewards { get; init; }

    /// <summary>Whether the task was done; null where the source does not say.</summary>
    public bool? Success { get; init; }

    /// <summary>Steps a second; null where the source does not say.</summary>
    public double? FramesPerSecond { get; init; }

    /// <summary>What a feature's numbers are, for example the joints' names; by the feature's name.</summary>
    public IReadOnlyDictionary<string, string> Descriptions { get; init; } = new Dictionary<string, string>();
}
