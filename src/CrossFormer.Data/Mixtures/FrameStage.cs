using System.Diagnostics;
using CrossFormer.Data.Frames;
using CrossFormer.Data.Rlds;
using CrossFormer.Data.Trajectories;

namespace CrossFormer.Data.Mixtures;

/// <summary>
/// Frames to samples of a batch: numbers and texts copied, images dropped, decoded, resized, augmented. Serves one thread.
/// Source: data/dataset.py, apply_frame_transforms.
/// </summary>
internal sealed class FrameStage(FrameOptions options, StageClock clock)
{
    private readonly ImageStage _images = new(options.ScaledDecoding);

    // Images of the work in hand that are finished: the window's first steps often are one file, and so are goal and present.
    private readonly List<(ReadOnlyMemory<byte> File, ImageSlot Slot, int Field, int Sample, int Index)> _finished = [];

    // What a sample's random stream is used for, so that switching one thing on leaves the others' numbers.
    private enum Draw : ulong
    {
        Dropout, Augmentation,
    }

    private long _began;

    /// <summary>Begins another piece of work.</summary>
    public void Begin()
    {
        _finished.Clear();
        _began = Stopwatch.GetTimestamp();
    }

    /// <summary>Ends it.</summary>
    public void End()
    {
        var (decoding, resizing, augmenting) = _images.TakeTicks();
        clock.AddFrames(_began, decoding, resizing, augmenting);
    }

    /// <summary>Fills one sample.</summary>
    /// <param name="frame">What of.</param>
    /// <param name="layout">Of the batch.</param>
    /// <param name="memory">Its arrays.</param>
    /// <param name="texts">Its texts.</param>
    /// <param name="sample">Which sample.</param>
    /// <param name="read">What to do about damaged images.</param>
    /// <exception cref="DataLoadException">An image is damaged.</exception>
    public void Fill(Frame frame, BatchLayout layout, BatchMemory memory, string[][] texts, int sample, RldsReadOptions read)
    {
        var trajectory = frame.Visit.Trajectory!;
        try
        {
            for (var i = 0; i < layout.Numbers.Length; i++)
                trajectory.CopyNumbers(i, frame.Step, memory.Sample(i, sample));
            for (var i = 0; i < texts.Length; i++)
                texts[i][sample] = trajectory.Text(i, frame.Step);
            var random = frame.Visit.Frames.Fork((ulong)frame.Step);
            if (options is { Training: true, ImageDropout: > 0 })
            {
                Drop(layout, memory, sample, random.Fork((ulong)Draw.Dropout), isTask: false);
                Drop(layout, memory, sample, random.Fork((ulong)Draw.Dropout), isTask: true);
            }

            // Files are changed alike only within a sample, unless they are not changed at all.
            if (options.Training)
                _finished.Clear();
            for (var i = 0; i < layout.Images.Length; i++)
                FillImages(trajectory, frame.Step, layout.Images[i], i, layout.Numbers.Length + i, memory, sample, random.Fork((ulong)Draw.Augmentation), read);
        }
        catch (Exception e)
        {
            throw new DataLoadException(trajectory.Dataset, trajectory.Origin, e);
        }
    }

    private void Drop(BatchLayout layout, BatchMemory memory, int sample, RandomStream random, bool isTask)
    {
        var slots = Array.FindAll(layout.Images, s => s.IsTask == isTask && !s.IsDepth);
        Span<bool> present = stackalloc bool[slots.Length];
        for (var w = 0; w < (slots.Length > 0 ? slots[0].Count : 0); w++)
        {
            for (var i = 0; i < slots.Length; i++)
                present[i] = memory.Sample(slots[i].Mask, sample)[w] != 0;
            ImageDropout.Apply(present, options.ImageDropout, Array.FindIndex(slots, s => s.Camera == options.DropoutKeeps), random);
            for (var i = 0; i < slots.Length; i++)
                memory.Sample(slots[i].Mask, sample)[w] = present[i] ? (byte)1 : (byte)0;
        }
    }

    private void FillImages(
        ChunkedTrajectory trajectory, int step, ImageSlot slot, int image, int field, BatchMemory memory, int sample, RandomStream random, RldsReadOptions read)
    {
        Span<byte> all = memory.Sample(field, sample), mask = memory.Sample(slot.Mask, sample);
        var bytes = all.Length / slot.Count;
        ReadOnlySpan<AugmentationStep> steps = slot.IsDepth ? [] : DrawSteps(slot.Camera, random);
        for (var w = 0; w < slot.Count; w++)
        {
            var file = trajectory.Image(image, step, w);
            var target = all.Slice(w * bytes, bytes);
            if (mask[w] == 0)
            {
                target.Clear();
                continue;
            }

            var same = _finished.FindIndex(f => f.File.Equals(file) && f.Slot.Camera == slot.Camera && f.Slot.Size == slot.Size && f.Slot.IsDepth == slot.IsDepth);
            if (same >= 0)
            {
                var (_, _, otherField, otherSample, index) = _finished[same];
                memory.Sample(otherField, otherSample).Slice(index * bytes, bytes).CopyTo(target);
                continue;
            }

            try
            {
                if (slot.IsDepth)
                    _images.Depth(file.Span, slot.Field.Key, slot.Size, target);
                else
                    _images.Color(file.Span, slot.Field.Key, slot.Size, steps, target);
                _finished.Add((file, slot, field, sample, w));
            }
            catch (IOException e) when (read.SkipBad)
            {
                // As an image that is absent.
                read.OnSkipped?.Invoke(0, e);
                mask[w] = 0;
                target.Clear();
            }
        }
    }

    // Forked by camera, not by array: a goal is changed as its camera's observations are.
    private AugmentationStep[] DrawSteps(string camera, RandomStream random)
    {
        if (!options.Training || !options.Augmentations.TryGetValue(camera, out var augmentations) || augmentations.Count == 0)
            return [];
        var stream = random.Fork(camera);
        var shared = options.Draws == AugmentationDraws.Shared ? stream.NextSingle() : (float?)null;
        var draws = new AugmentationRandom(ref stream, shared);
        var steps = new AugmentationStep[augmentations.Count];
        for (var i = 0; i < steps.Length; i++)
            steps[i] = augmentations[i].Draw(draws);
        return steps;
    }
}
