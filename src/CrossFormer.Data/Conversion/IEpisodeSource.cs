namespace CrossFormer.Data.Conversion;

/// <summary>Recorded episodes in a form that is not RLDS. <see cref="EpisodeSources"/> opens one. Not thread-safe.</summary>
public interface IEpisodeSource : IDisposable
{
    /// <summary>Which form it is.</summary>
    EpisodeFormat Format { get; }

    /// <summary>File or folder that it was opened from, as a full path.</summary>
    string Path { get; }

    /// <summary>The episodes in their order. Known without reading them.</summary>
    IReadOnlyList<SourceEntry> Episodes { get; }

    /// <summary>Reads an episode. Its frames are read when they are enumerated, so it must not be used after the source is disposed.</summary>
    /// <param name="index">Into <see cref="Episodes"/>.</param>
    /// <exception cref="EpisodeSourceException">Something of it is missing or damaged; says what, where, and what was expected.</exception>
    SourceEpisode Read(int index);
}
