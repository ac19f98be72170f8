using CrossFormer.Arrays;
using CrossFormer.Data.Frames;
using CrossFormer.Data.Trajectories;

namespace CrossFormer.Data.Mixtures;

/// <summary>
/// Which arrays a batch has, and which of a chunked trajectory's fields fills which: the same for all datasets of a mixture.
/// Immutable.
/// </summary>
internal sealed class BatchLayout
{
    private readonly FrameField[] _imageFields;
    private readonly string _dataset;

    /// <summary>Takes over the fields of a trajectory.</summary>
    /// <exception cref="ArgumentException">The camera that dropout is to keep is not there.</exception>
    public BatchLayout(ChunkedTrajectory first, FrameOptions options)
    {
        (_dataset, Numbers, Texts) = (first.Dataset, [.. first.Numbers], [.. first.Texts]);
        _imageFields = [.. first.Images];
        Images = Array.ConvertAll(_imageFields, field => Image(field, options));
        Fields = [.. Numbers, .. Images.Select(i => i.Field)];
        if (options is { Training: true, ImageDropout: > 0, DropoutKeeps: { } kept } && !Array.Exists(Images, i => i is { IsDepth: false } && i.Camera == kept))
            throw new ArgumentException($"Image dropout is to keep the camera '{kept}'; there are {string.Join(", ", Images.Select(i => i.Camera).Distinct())}.", nameof(options));
    }

    /// <summary>All arrays, as one sample has them: <see cref="Numbers"/>, then <see cref="Images"/>.</summary>
    public FrameField[] Fields { get; }

    /// <summary>Numbers and masks, in the trajectory's order.</summary>
    public FrameField[] Numbers { get; }

    /// <summary>Images, in the trajectory's order.</summary>
    public ImageSlot[] Images { get; }

    /// <summary>Names of the texts, in the trajectory's order.</summary>
    public string[] Texts { get; }

    /// <summary>Checks that a trajectory fits.</summary>
    /// <exception cref="InvalidOperationException">It has other fields than the trajectory that the layout was made from.</exception>
    public void Check(ChunkedTrajectory trajectory)
    {
        Check(trajectory, Numbers, trajectory.Numbers);
        Check(trajectory, _imageFields, trajectory.Images);
        Check(trajectory, Texts, trajectory.Texts);
    }

    private void Check<T>(ChunkedTrajectory trajectory, T[] expected, IReadOnlyList<T> actual)
    {
        if (expected.AsSpan().SequenceEqual(actual as T[] ?? [.. actual]))
            return;
        var (lacks, has) = (expected.Except(actual).ToArray(), actual.Except(expected).ToArray());
        throw new InvalidOperationException(
            $"{trajectory.Dataset} and {_dataset} do not fit into one batch: of what {_dataset} has, {trajectory.Dataset} lacks [{string.Join(", ", lacks)}], " +
            $"and has [{string.Join(", ", has)}] besides. Datasets of a mixture need the same cameras (blank ones have no source), the same proprioceptions " +
            $"(padded to one width), all or none an instruction, and actions padded to one width ({trajectory.Origin}).");
    }

    private ImageSlot Image(FrameField field, FrameOptions options)
    {
        var folder = field.Key.StartsWith(TrajectoryNames.Task, StringComparison.Ordinal) ? TrajectoryNames.Task : TrajectoryNames.Observation;
        var name = field.Key[folder.Length..];
        var isDepth = name.StartsWith(TrajectoryNames.Depth, StringComparison.Ordinal);
        var camera = name[(isDepth ? TrajectoryNames.Depth : TrajectoryNames.Image).Length..];
        var size = isDepth ? options.DepthSizeOf(camera) : options.SizeOf(camera);
        int[] shape = isDepth ? [.. field.Shape, size.Height, size.Width] : [.. field.Shape, size.Height, size.Width, 3];
        var mask = Array.FindIndex(Numbers, n => n.Key == $"{folder}{TrajectoryNames.PadMask}{name}");
        if (mask < 0)
            throw new ArgumentException($"{_dataset}: '{field.Key}' has no pad mask.");
        return new ImageSlot(
            new FrameField(field.Key, isDepth ? DType.Float32 : DType.UInt8, shape), camera, folder == TrajectoryNames.Task, isDepth, size,
            field.Shape.Length == 0 ? 1 : field.Shape[0], mask);
    }
}

/// <summary>The images of one camera in a sample.</summary>
/// <param name="Field">The batch's array, as one sample has it.</param>
/// <param name="Camera">For example <c>primary</c>.</param>
/// <param name="IsTask">Whether they are goals.</param>
/// <param name="IsDepth">Whether they are depth, float32, or colour.</param>
/// <param name="Size">Of each.</param>
/// <param name="Count">How many: the window's steps, or one.</param>
/// <param name="Mask">The number of their pad mask among the layout's numbers.</param>
internal sealed record ImageSlot(FrameField Field, string Camera, bool IsTask, bool IsDepth, ImageSize Size, int Count, int Mask);
