using CrossFormer.Arrays;
using CrossFormer.Images;
using CrossFormer.Policies;

namespace CrossFormer.Data.Rlds;

/// <summary>
/// Records what a running robot sees and does as a dataset: an RLDS folder that TFDS opens, and whose episodes
/// <see cref="RecordedEpisode"/> plays back.
/// </summary>
/// <remarks>
/// Features: <c>observation/SOURCE</c> for each camera (the profile's source name), <c>observation/KEY</c> for each
/// proprioception, <c>action</c>, <c>timestamp</c> (float32 seconds since the first step), <c>language_instruction</c>,
/// <c>is_first</c>, <c>is_last</c>, <c>is_terminal</c>, <c>reward</c> (1 at the last step of a success, else 0),
/// <c>discount</c> (1), and <c>episode_metadata/success</c>.
/// An episode is safe on the disk when <see cref="End"/> returns; a recorder that is opened again after a crash goes on
/// behind the last one. The dataset appears with <see cref="Complete"/>. Frames are encoded on other threads; all calls must
/// come from one.
/// </remarks>
public sealed class EpisodeRecorder : IDisposable
{
    private readonly string _dataFolder;
    private readonly EmbodimentProfile _profile;
    private readonly RldsDatasetInfo _info;
    private readonly EpisodeRecorderOptions _options;
    private readonly SemaphoreSlim _pending;
    private readonly List<Step> _steps = [];
    private RldsFeature[] _cameras = [];
    private RldsWriter? _writer;
    private (string Instruction, string Split)? _episode;

    /// <summary>Opens a dataset for recording; nothing is written before the first step.</summary>
    /// <param name="dataFolder">The folder in which datasets lie.</param>
    /// <param name="name">The dataset's name: letters, digits, underscores.</param>
    /// <param name="profile">The robot: which cameras and proprioception every step must have.</param>
    /// <param name="options">Image encoding and more; null for the defaults.</param>
    public EpisodeRecorder(string dataFolder, string name, EmbodimentProfile profile, EpisodeRecorderOptions? options = null)
    {
        _options = options ?? new EpisodeRecorderOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.MaxPendingImages, 1, nameof(options));
        if (_options.ImageEncoding is not (ImageFormat.Jpeg or ImageFormat.Png))
            throw new ArgumentException("Frames are stored as JPEG or PNG.", nameof(options));
        (_dataFolder, _profile) = (dataFolder, profile);
        _info = new RldsDatasetInfo(name, _options.Version) { Description = _options.Description };
        _pending = new SemaphoreSlim(_options.MaxPendingImages);
    }

    /// <summary>Episodes recorded so far, those of an earlier run included; 0 before the first step.</summary>
    public long EpisodeCount => _writer?.EpisodeCount ?? 0;

    /// <summary>Steps of the episode that is being recorded.</summary>
    public int StepCount => _steps.Count;

    /// <summary>
    /// Opens the dataset before the first step, for frames of the sizes that the profile names: so an earlier run's episodes
    /// are known before new ones are made.
    /// </summary>
    /// <returns><see cref="EpisodeCount"/>.</returns>
    /// <exception cref="IOException">The dataset is finished, or being written by another process.</exception>
    /// <exception cref="InvalidOperationException">What an earlier run left is of other features or another source.</exception>
    public long Resume()
    {
        if (_writer is null)
            Open([.. _profile.Cameras.Select(c => (c.Height, c.Width))]);
        return EpisodeCount;
    }

    /// <summary>Begins an episode.</summary>
    /// <param name="instruction">What the robot is told to do; may be empty.</param>
    /// <param name="split">The split that it goes to.</param>
    /// <exception cref="InvalidOperationException">The last one was neither ended nor discarded.</exception>
    public void Begin(string instruction, string split = "train")
    {
        ArgumentNullException.ThrowIfNull(instruction);
        if (_episode is not null)
            throw new InvalidOperationException("An episode is being recorded: call End or Discard first.");
        _episode = (instruction, split);
    }

    /// <summary>Records a step: an observation and the action that follows it.</summary>
    /// <param name="observation">Every camera and proprioception of the profile; its arrays must not be written to afterwards.</param>
    /// <param name="action">As many values as the profile has action dimensions, robot units.</param>
    /// <exception cref="ArgumentException">Something is missing or has another shape than at the first step.</exception>
    /// <exception cref="InvalidOperationException"><see cref="Begin"/> was not called; or what an earlier run left is of other features.</exception>
    public void Record(Observation observation, ReadOnlySpan<float> action)
    {
        if (_episode is null)
            throw new InvalidOperationException("No episode is being recorded: call Begin first.");
        _profile.Check(observation);
        if (action.Length != _profile.Actions.Count)
            throw new ArgumentException($"Action: the profile '{_profile.Name}' expects {_profile.Actions.Count} values, got {action.Length}.", nameof(action));
        var sizes = _profile.Cameras.Select(c => SizeOf(observation, c.Key)).ToArray();
        if (_writer is null)
            Open(sizes);
        for (var i = 0; i < sizes.Length; i++)
        {
            if (sizes[i].Height != _cameras[i].Shape[0] || sizes[i].Width != _cameras[i].Shape[1])
                throw new ArgumentException($"Observation '{_profile.Cameras[i].Key}': {sizes[i].Height}x{sizes[i].Width} pixels, the first frame had {_cameras[i].Shape[0]}x{_cameras[i].Shape[1]}.", nameof(observation));
        }

        _steps.Add(new Step(
            observation.Timestamp,
            [.. _profile.Cameras.Select(c => Encode(observation, c.Key))],
            [.. _profile.Proprioception.Select(p => observation.Arrays[p.Key])],
            action.ToArray()));
    }

    /// <summary>Ends the episode and waits until the disk has it.</summary>
    /// <param name="success">Whether the task was done.</param>
    /// <exception cref="InvalidOperationException">No episode is being recorded, or it has no step.</exception>
    public void End(bool success)
    {
        if (_episode is not { } episode || _steps.Count == 0)
            throw new InvalidOperationException("There is no recorded step: call Begin and Record first, or Discard.");
        _writer!.Write(episode.Split, Columns(episode.Instruction, success));
        _writer.Checkpoint();
        Discard();
    }

    /// <summary>Forgets the episode that is being recorded, if any.</summary>
    public void Discard()
    {
        // WhenAny does not throw: an image that could not be encoded was told of where it was needed.
        foreach (var step in _steps)
            Task.WhenAny(Task.WhenAll(step.Images)).Wait();
        _steps.Clear();
        _episode = null;
    }

    /// <summary>Ends the dataset: from now on it is there, under its name.</summary>
    /// <returns>The folder of the version.</returns>
    /// <exception cref="InvalidOperationException">There is no episode, or one is still being recorded.</exception>
    public string Complete()
    {
        if (_episode is not null)
            throw new InvalidOperationException("An episode is being recorded: call End or Discard first.");
        return _writer?.Complete() ?? throw new InvalidOperationException("There is no episode to write.");
    }

    /// <summary>Closes the files. Ended episodes stay for the next run; an episode in the middle is lost.</summary>
    public void Dispose()
    {
        Discard();
        _writer?.Dispose();
        _pending.Dispose();
    }

    private static (int Height, int Width) SizeOf(Observation observation, string key)
    {
        if (observation.Arrays.TryGetValue(key, out var pixels))
            return (pixels.Shape[0], pixels.Shape[1]);
        var header = ImageCodec.ReadHeader(observation.EncodedImages[key].Span, key);
        return (header.Height, header.Width);
    }

    private void Open((int Height, int Width)[] sizes)
    {
        _cameras = [.. _profile.Cameras.Select((c, i) => RldsFeature.Image($"observation/{c.Source}", sizes[i].Height, sizes[i].Width, _options.ImageEncoding))];
        _writer = RldsWriter.Open(_dataFolder, _info,
        [
            .. _cameras,
            .. _profile.Proprioception.Select(p => RldsFeature.Tensor($"observation/{p.Key}", DType.Float32, [p.Dimension])),
            RldsFeature.Tensor("action", DType.Float32, [_profile.Actions.Count]),
            RldsFeature.Tensor("timestamp", DType.Float32, []),
            .. StandardSteps.Features,
            RldsFeature.Tensor(StandardSteps.Success, DType.Bool, [], perStep: false),
        ], new RldsWriteOptions { Source = _options.Source });
    }

    private Task<ReadOnlyMemory<byte>> Encode(Observation observation, string key)
    {
        if (observation.EncodedImages.TryGetValue(key, out var file))
            return Task.FromResult(file);
        var pixels = observation.Arrays[key];
        _pending.Wait();
        return Task.Run(() =>
        {
            try
            {
                return (ReadOnlyMemory<byte>)(_options.ImageEncoding == ImageFormat.Png ? ImageCodec.EncodePng(pixels) : ImageCodec.EncodeJpeg(pixels, _options.JpegQuality));
            }
            finally
            {
                _pending.Release();
            }
        });
    }

    private IEnumerable<RldsColumn> Columns(string instruction, bool success)
    {
        var features = _writer!.Features.ToDictionary(f => f.Name);
        for (var i = 0; i < _cameras.Length; i++)
            yield return new ImageColumn(_cameras[i], [.. _steps.Select(s => s.Images[i].GetAwaiter().GetResult())]);
        for (var i = 0; i < _profile.Proprioception.Count; i++)
            yield return Numbers($"observation/{_profile.Proprioception[i].Key}", s => s.Proprioception[i].AsSpan<float>().ToArray());
        yield return Numbers("action", s => s.Action);
        yield return Numbers("timestamp", s => [(float)(s.Timestamp - _steps[0].Timestamp).TotalSeconds]);
        foreach (var column in StandardSteps.Columns([.. _steps.Select(_ => instruction)], success))
            yield return column;
        yield return new ArrayColumn(features[StandardSteps.Success], NdArray.From([success], []));

        ArrayColumn Numbers(string name, Func<Step, float[]> values)
        {
            var feature = features[name];
            return new ArrayColumn(feature, NdArray.From(_steps.SelectMany(values).ToArray(), [_steps.Count, .. feature.Shape]));
        }
    }

    /// <param name="Timestamp">On the observation's clock.</param>
    /// <param name="Images">Image files by camera.</param>
    /// <param name="Proprioception">float32 [dim] each.</param>
    /// <param name="Action">Robot units.</param>
    private sealed record Step(TimeSpan Timestamp, Task<ReadOnlyMemory<byte>>[] Images, NdArray[] Proprioception, float[] Action);
}
