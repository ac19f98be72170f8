using CrossFormer.Data.Rlds;
using CrossFormer.Formats;

namespace CrossFormer.Data.Surveys;

/// <summary>What one reading of a dataset finds in it: what to look at before training on it. Memory grows by a few bytes an episode, and by distinct instructions.</summary>
public sealed record DatasetSurvey
{
    /// <summary>The dataset.</summary>
    public required RldsDataset Dataset { get; init; }

    /// <summary>Splits that have episodes, in the order of dataset_info.json.</summary>
    public required IReadOnlyList<SplitSurvey> Splits { get; init; }

    /// <summary>Actions, and observations that are numbers: proprioception and the like.</summary>
    public required IReadOnlyList<NumberSurvey> Numbers { get; init; }

    /// <summary>Cameras, depth cameras among them.</summary>
    public required IReadOnlyList<CameraSurvey> Cameras { get; init; }

    /// <summary>The feature that holds instructions; null when there is none.</summary>
    public required string? InstructionFeature { get; init; }

    /// <summary>Episodes by the instruction of their first step, the most frequent first; an empty text stands for none.</summary>
    public required IReadOnlyList<KeyValuePair<string, int>> Instructions { get; init; }

    /// <summary>How many episodes of a split are the same, byte for byte, as an earlier one, and in which split that one stands.</summary>
    public required IReadOnlyList<(string Split, string Earlier, int Episodes)> Repeated { get; init; }

    /// <summary>Damaged records that were passed over.</summary>
    public required int Skipped { get; init; }

    /// <summary>What is unusual enough to look at, a sentence each: empty and repeated episodes, missing instructions, other image sizes than promised, black cameras, constant dimensions, values that are no numbers.</summary>
    public required IReadOnlyList<string> Findings { get; init; }

    /// <summary>Reads a dataset.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="options">How much of it; null for all, ending at the first damaged record.</param>
    /// <param name="progress">Told the number of episodes read so far.</param>
    /// <param name="cancellation">Stops the reading.</param>
    /// <exception cref="CorruptFileException">A record is damaged.</exception>
    /// <exception cref="FileNotFoundException">A shard is absent.</exception>
    public static DatasetSurvey Of(RldsDataset dataset, SurveyOptions? options = null, IProgress<long>? progress = null, CancellationToken cancellation = default) =>
        new SurveyReader(dataset, options ?? new SurveyOptions()).Read(progress, cancellation);
}
