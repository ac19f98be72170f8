using CrossFormer.Data.Rlds;

namespace CrossFormer.Data.Surveys;

/// <summary>How much of a dataset a survey reads.</summary>
public sealed record SurveyOptions
{
    /// <summary>At most this many episodes of each split, from its beginning; null (default): all.</summary>
    public int? EpisodesPerSplit { get; init; }

    /// <summary>What to do about damaged records.</summary>
    public RldsReadOptions Reading { get; init; } = new();

    /// <summary>How many episodes show their first frame; 10 by default.</summary>
    public int SampleEpisodes { get; init; } = 10;

    /// <summary>How many frames of one episode are kept per camera; 20 by default.</summary>
    public int FilmFrames { get; init; } = 20;

    /// <summary>How many episodes of a split are read.</summary>
    internal int Most(RldsSplit split) => Math.Min(split.EpisodeCount, EpisodesPerSplit ?? int.MaxValue);
}
