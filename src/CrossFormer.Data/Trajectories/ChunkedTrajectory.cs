using CrossFormer.Arrays;

namespace CrossFormer.Data.Trajectories;

/// <summary>
/// A trajectory seen as frames: at every step a history of observations and a chunk of coming actions. Nothing is copied
/// before a frame is asked for, so a window of 5 and a chunk of 100 cost no memory. Immutable and thread-safe. Source:
/// data/traj_transforms.py, chunk_act_obs.
/// </summary>
public sealed class ChunkedTrajectory
{
    private readonly ChunkOptions _options;
    private readonly NumberField[] _numbers;
    private readonly (FrameField Field, IReadOnlyList<ReadOnlyMemory<byte>> Files)[] _images;
    private readonly (string Key, string[] Values)[] _texts;
    private readonly NdArray _action;
    private readonly NdArray _actionPadMask;
    private readonly int[]? _goals;

    /// <summary>Prepares a trajectory.</summary>
    /// <param name="trajectory">In standard form, with pad masks and <c>action_pad_mask</c>.</param>
    /// <param name="options">Window and horizon.</param>
    /// <exception cref="ArgumentException">The actions come in chunks shorter than the horizon.</exception>
    /// <exception cref="KeyNotFoundException">A column is not there.</exception>
    public ChunkedTrajectory(Trajectory trajectory, ChunkOptions options)
    {
        (Dataset, Origin, Length, _options) = (trajectory.Dataset, trajectory.Origin, trajectory.Length, options);
        _action = trajectory.Numbers(TrajectoryNames.Action);
        _actionPadMask = trajectory.Numbers(TrajectoryNames.ActionPadMask);
        if (_action.Shape.Length is not (2 or 3) || !_action.Shape.AsSpan().SequenceEqual(_actionPadMask.Shape))
            throw new ArgumentException($"{Dataset}: expected an action [steps,dim] or [steps,chunk,dim] with a mask of the same shape, got {_action} and {_actionPadMask}.", nameof(trajectory));
        if (IsPreChunked && _action.Shape[1] < options.Horizon)
            throw new ArgumentException($"{Dataset}: the actions come in chunks of {_action.Shape[1]}, the horizon is {options.Horizon}.", nameof(options));
        const string goal = TrajectoryNames.Task + TrajectoryNames.Timestep;
        _goals = trajectory.Contains(goal) ? trajectory.Numbers(goal).AsSpan<int>().ToArray() : null;

        var (window, horizon, dimension) = (options.Window, options.Horizon, _action.Shape[^1]);
        var numbers = new List<NumberField>
        {
            new(new FrameField(TrajectoryNames.Action, DType.Float32, [window, horizon, dimension]), Kind.Action, _action),
            new(new FrameField(TrajectoryNames.ActionPadMask, DType.Bool, [window, horizon, dimension]), Kind.ActionPadMask, _actionPadMask),
            new(new FrameField(TrajectoryNames.TimestepPadMask, DType.Bool, [window]), Kind.TimestepPadMask, _action),
            new(new FrameField(TrajectoryNames.TaskCompleted, DType.Bool, [window, horizon]), Kind.TaskCompleted, _action),
        };
        var images = new List<(FrameField, IReadOnlyList<ReadOnlyMemory<byte>>)>();
        var texts = new List<(string, string[])>();
        var decoded = new Dictionary<ReadOnlyMemory<byte>, string>();
        foreach (var name in trajectory.Names)
        {
            var isObservation = name.StartsWith(TrajectoryNames.Observation, StringComparison.Ordinal);
            switch (trajectory[name])
            {
                case TrajectoryNumbers { Values: var values } when name is not (TrajectoryNames.Action or TrajectoryNames.ActionPadMask):
                    var kind = !isObservation ? Kind.Step : options.ZeroFutureProprio && TrajectoryNames.IsProprio(name) ? Kind.FirstOfWindow : Kind.Window;
                    numbers.Add(new(new FrameField(name, values.DType, isObservation ? [window, .. values.Shape[1..]] : values.Shape[1..]), kind, values));
                    break;
                case TrajectoryImages column:
                    images.Add((new FrameField(name, DType.UInt8, isObservation ? [window] : []), column.Encoded));
                    break;
                case TrajectoryTexts column:
                    // Instructions repeat at every step; one string object serves them all.
                    var strings = new string[Length];
                    for (var t = 0; t < Length; t++)
                    {
                        if (!decoded.TryGetValue(column.Values[t], out var text))
                            decoded.Add(column.Values[t], text = column.Text(t));
                        strings[t] = text;
                    }

                    texts.Add((name, strings));
                    break;
                default:
                    break;
            }
        }

        _numbers = [.. numbers.OrderBy(n => n.Field.Key, StringComparer.Ordinal)];
        _images = [.. images.OrderBy(i => i.Item1.Key, StringComparer.Ordinal)];
        _texts = [.. texts.OrderBy(t => t.Item1, StringComparer.Ordinal)];
        (Numbers, Images, Texts) = (Array.ConvertAll(_numbers, n => n.Field), Array.ConvertAll(_images, i => i.Field), Array.ConvertAll(_texts, t => t.Key));
    }

    private ChunkedTrajectory(ChunkedTrajectory other, (FrameField, IReadOnlyList<ReadOnlyMemory<byte>>)[] images, long encodedBytes)
    {
        (Dataset, Origin, Length, _options) = (other.Dataset, other.Origin, other.Length, other._options);
        (_numbers, _texts, _action, _actionPadMask, _goals) = (other._numbers, other._texts, other._action, other._actionPadMask, other._goals);
        (Numbers, Images, Texts) = (other.Numbers, other.Images, other.Texts);
        (_images, EncodedBytes) = (images, encodedBytes);
    }

    private enum Kind
    {
        Window, FirstOfWindow, Step, Action, ActionPadMask, TimestepPadMask, TaskCompleted,
    }

    /// <summary>The dataset's name.</summary>
    public string Dataset { get; }

    /// <summary>Where it comes from, for error messages: file and record.</summary>
    public string Origin { get; }

    /// <summary>Number of frames: one per step.</summary>
    public int Length { get; }

    /// <summary>Numbers and masks of a frame, ordered by key.</summary>
    public IReadOnlyList<FrameField> Numbers { get; }

    /// <summary>Encoded images of a frame, ordered by key.</summary>
    public IReadOnlyList<FrameField> Images { get; }

    /// <summary>Keys of a frame's texts, ordered.</summary>
    public IReadOnlyList<string> Texts { get; }

    /// <summary>Bytes of encoded images that <see cref="Compact"/> copied; 0 before.</summary>
    public long EncodedBytes { get; }

    /// <summary>About how many bytes it keeps in memory, <see cref="EncodedBytes"/> included; at least 1.</summary>
    internal long MemoryBytes => EncodedBytes + 1 + _numbers.Sum(n => (long)n.Values.Bytes.Length) + (Length * ((16L * _images.Length) + (8 * _texts.Length)));

    private bool IsPreChunked => _action.Shape.Length == 3;

    /// <summary>Copies one quantity of one frame.</summary>
    /// <param name="field">Index into <see cref="Numbers"/>.</param>
    /// <param name="step">The frame.</param>
    /// <param name="destination">As many bytes as the field has.</param>
    public void CopyNumbers(int field, int step, Span<byte> destination)
    {
        var (description, kind, values) = _numbers[field];
        if (destination.Length != description.ByteCount)
            throw new ArgumentException($"{description} has {description.ByteCount} bytes, the destination {destination.Length}.", nameof(destination));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)step, (uint)Length, nameof(step));
        var (window, horizon) = (_options.Window, _options.Horizon);
        switch (kind)
        {
            case Kind.Step:
                Row(values, step).CopyTo(destination);
                break;
            case Kind.TimestepPadMask:
                for (var w = 0; w < window; w++)
                    destination[w] = ToByte(step - window + 1 + w >= 0 && w >= window - (_options.WindowOverride ?? window));
                break;
            case Kind.TaskCompleted:
                for (var i = 0; i < destination.Length; i++)
                    destination[i] = ToByte(IsCompleted(step, i / horizon, i % horizon));
                break;
            case Kind.ActionPadMask:
                CopyActionPadMask(step, destination);
                break;
            default:
                var part = destination.Length / window;
                for (var w = 0; w < window; w++)
                {
                    var target = destination.Slice(w * part, part);
                    if (kind == Kind.Action)
                        CopyActions(History(step, w), target);
                    else if (kind == Kind.FirstOfWindow && w > 0)
                        target.Clear();
                    else
                        Row(values, History(step, w)).CopyTo(target);
                }

                break;
        }
    }

    /// <summary>An encoded image of one frame; empty when there is none.</summary>
    /// <param name="field">Index into <see cref="Images"/>.</param>
    /// <param name="step">The frame.</param>
    /// <param name="window">Which of the window's images; 0 below <c>task/</c>.</param>
    public ReadOnlyMemory<byte> Image(int field, int step, int window)
    {
        var (description, files) = _images[field];
        return files[description.Shape.Length == 0 ? step : History(step, window)];
    }

    /// <summary>A text of one frame.</summary>
    /// <param name="field">Index into <see cref="Texts"/>.</param>
    /// <param name="step">The frame.</param>
    public string Text(int field, int step) => _texts[field].Values[step];

    /// <summary>
    /// The same with its own copy of the images that some frames need, and without the others: a record of many cameras is then
    /// free to go. Images that frames share are copied once.
    /// </summary>
    /// <param name="steps">The frames that will be asked for.</param>
    public ChunkedTrajectory Compact(ReadOnlySpan<int> steps)
    {
        var places = new Dictionary<ReadOnlyMemory<byte>, int>();
        var total = 0;
        var needed = new (FrameField Field, IReadOnlyList<ReadOnlyMemory<byte>> Files)[_images.Length];
        for (var i = 0; i < _images.Length; i++)
        {
            var files = new ReadOnlyMemory<byte>[Length];
            foreach (var step in steps)
            {
                var isTask = _images[i].Field.Shape.Length == 0;
                for (var w = isTask ? _options.Window - 1 : 0; w < _options.Window; w++)
                {
                    var at = isTask ? step : History(step, w);
                    files[at] = _images[i].Files[at];
                    if (files[at].Length > 0 && places.TryAdd(files[at], total))
                        total = checked(total + files[at].Length);
                }
            }

            needed[i] = (_images[i].Field, files);
        }

        var bytes = GC.AllocateUninitializedArray<byte>(total);
        foreach (var (file, place) in places)
            file.Span.CopyTo(bytes.AsSpan(place));
        foreach (var (_, files) in needed)
        {
            foreach (ref var file in ((ReadOnlyMemory<byte>[])files).AsSpan())
                file = file.IsEmpty ? default : bytes.AsMemory(places[file], file.Length);
        }

        return new ChunkedTrajectory(this, needed, total);
    }

    // Steps before the first repeat it.
    private int History(int step, int w) => Math.Max(step - _options.Window + 1 + w, 0);

    private bool IsCompleted(int step, int w, int h)
    {
        var goal = _goals is null ? Length - 1 : _goals[step];
        var start = _options.Completion == TaskCompletion.Reference ? step - (_options.Window + 1) : step - (_options.Window - 1);
        return goal - (start + w + h) <= 0;
    }

    private void CopyActions(int step, Span<byte> target)
    {
        if (IsPreChunked)
        {
            Row(_action, step)[..target.Length].CopyTo(target);
            return;
        }

        var part = target.Length / _options.Horizon;
        // Actions behind the last repeat it.
        for (var h = 0; h < _options.Horizon; h++)
            Row(_action, Math.Min(step + h, Length - 1)).CopyTo(target.Slice(h * part, part));
    }

    // The mask is the current step's, for every step of the window (as in the reference).
    private void CopyActionPadMask(int step, Span<byte> destination)
    {
        var mask = Row(_actionPadMask, step);
        var dimension = _action.Shape[^1];
        for (var i = 0; i < destination.Length / dimension; i++)
        {
            var (w, h) = (i / _options.Horizon, i % _options.Horizon);
            var target = destination.Slice(i * dimension, dimension);
            if (IsCompleted(step, w, h))
                target.Clear();
            else
                mask.Slice(IsPreChunked ? h * dimension : 0, dimension).CopyTo(target);
        }
    }

    private static byte ToByte(bool value) => value ? (byte)1 : (byte)0;

    private static ReadOnlySpan<byte> Row(NdArray values, int step)
    {
        var bytes = values.Bytes.Length / values.Shape[0];
        return values.Bytes.Span.Slice(step * bytes, bytes);
    }

    private readonly record struct NumberField(FrameField Field, Kind Kind, NdArray Values);
}
