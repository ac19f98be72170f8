namespace CrossFormer.Data.Conversion.Video;

/// <summary>Picks frames by their times.</summary>
internal static class TimedFrames
{
    /// <summary>For each time the frame that is nearest to it.</summary>
    /// <param name="reader">Reads the video.</param>
    /// <param name="file">The video.</param>
    /// <param name="seconds">Times on the file's clock, ascending.</param>
    /// <param name="tolerance">A frame that is further off, in seconds, is none.</param>
    /// <exception cref="EpisodeSourceException">The video has no frame at one of the times, or cannot be read.</exception>
    public static IEnumerable<SourceFrame> At(VideoReader reader, string file, double[] seconds, double tolerance)
    {
        using var frames = reader.Read(file, seconds[0]).GetEnumerator();
        VideoFrame? before = null, after = Next();
        foreach (var time in seconds)
        {
            while (after is { } next && next.Seconds <= time)
                (before, after) = (after, Next());
            var nearest = after is null || before is not null && time - before.Value.Seconds <= after.Value.Seconds - time ? before : after;
            if (nearest is null || !(Math.Abs(nearest.Value.Seconds - time) <= tolerance))
                throw new EpisodeSourceException(file, "", $"no frame at {time:F4} s; {(nearest is { } n ? $"the nearest is at {n.Seconds:F4} s" : "the video has none")}");
            yield return new SourceFrame(nearest.Value.Pixels);
        }

        VideoFrame? Next() => frames.MoveNext() ? frames.Current : null;
    }
}
