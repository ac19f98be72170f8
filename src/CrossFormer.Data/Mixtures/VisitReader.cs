using System.Diagnostics;
using CrossFormer.Data.Rlds;
using CrossFormer.Data.Trajectories;

namespace CrossFormer.Data.Mixtures;

/// <summary>Reads parts of a dataset's episodes and brings them through the trajectory stage. Thread-safe.</summary>
internal sealed class VisitReader(TrajectoryPipeline pipeline, EpisodeFiles files, RandomStream random, StageClock clock)
{
    public string Name => pipeline.Source.Name;

    public EpisodeFiles Files => files;

    public RldsReadOptions ReadOptions => pipeline.Source.ReadOptions;

    /// <summary>Reads a part. The same part gives the same frames, whenever and wherever it is read.</summary>
    /// <exception cref="DataLoadException">The episode cannot be read, or not be transformed.</exception>
    public Visit Read(EpisodePart part)
    {
        var start = Stopwatch.GetTimestamp();
        var own = random.Fork((ulong)part.Epoch).Fork((ulong)part.Episode);
        try
        {
            return files.Read(part.Episode, Transform) ?? new Visit(part, null, [], own);
        }
        catch (Exception e)
        {
            throw new DataLoadException(Name, files.Origin(part.Episode), e);
        }
        finally
        {
            clock.AddReading(start);
        }

        Visit? Transform(RldsEpisode episode)
        {
            if (pipeline.Apply(Trajectory.From(episode, Name), own) is not { } chunked)
                return null;
            var frames = pipeline.Frames(chunked.Length, own);
            // A part is a stretch of the episode, because neighbours share most of their histories' images.
            var steps = frames[(frames.Length * part.Part / part.Parts)..(frames.Length * (part.Part + 1) / part.Parts)];
            return steps.Length == 0 ? null : new Visit(part, chunked.Compact(steps), steps, own);
        }
    }
}
