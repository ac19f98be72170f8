using CrossFormer.Arrays;
using CrossFormer.Images;
using CrossFormer.Statistics;
using CrossFormer.Text;
using CrossFormer.Tokenizers;
using TorchSharp;
using static TorchSharp.torch;

namespace CrossFormer.Policies;

/// <summary>
/// A model driving one robot: observations in robot units become a history window, the window a chunk, the chunk actions in
/// robot units. A control step encodes the new frame only; see <see cref="ActingModel"/> for what is not computed.
/// </summary>
public sealed class CrossFormerPolicy : IPolicy
{
    private readonly CrossFormerModel _model;
    private readonly ActingModel _acting;
    private readonly HistoryWindow<Frame> _history;
    private readonly Normalizer _actions;
    private readonly Dictionary<string, Normalizer> _proprioception = [];
    private readonly ITextEncoder? _text;
    private readonly Device _device;
    private PolicyTask? _task;

    /// <summary>Folds the model for a robot.</summary>
    /// <param name="model">The model; not owned. With <see cref="PolicyOptions.ReleaseWeights"/> its weights are gone afterwards.</param>
    /// <param name="profile">The robot.</param>
    /// <param name="options">How to run; defaults when null.</param>
    /// <exception cref="ArgumentException">The profile does not fit the model: head, camera sizes, proprioception, window, statistics or number of actions.</exception>
    public CrossFormerPolicy(CrossFormerModel model, EmbodimentProfile profile, PolicyOptions? options = null)
    {
        options ??= new PolicyOptions();
        (_model, Profile, _device) = (model, profile, model.Module.Parameters.Device);
        Window = options.Window ?? profile.Window;
        Check(model, profile, Window);
        Precision = Precisions.Choose(options.Precision, _device.type, out var note);
        _text = options.TextEncoder ?? model.TextEncoder;
        if (_text is not null && model.Module.Shapes.Tasks.TryGetValue(LanguageTokenizer.Key, out var language) && language[^1] != _text.Dimension)
            throw new ArgumentException($"The text encoder '{_text.Name}' gives {_text.Dimension} numbers, the model was trained on {language[^1]}.", nameof(options));
        var statistics = model.Statistics[options.Statistics ?? profile.Statistics];
        _actions = new Normalizer(profile.ActionNormalization, statistics.Action);
        if (_actions.Dimension != profile.Actions.Count)
            throw new ArgumentException($"Profile '{profile.Name}' has {profile.Actions.Count} actions, the statistics '{options.Statistics ?? profile.Statistics}' have {_actions.Dimension} dimensions.", nameof(profile));
        foreach (var input in profile.Proprioception.Where(p => p.Normalization != Normalization.None))
            _proprioception[input.Key] = new Normalizer(input.Normalization, statistics[input.Key]);
        var keys = profile.Cameras.Select(c => c.Key).Concat(profile.Proprioception.Select(p => p.Key)).ToArray();
        _acting = new ActingModel(model.Module, profile.Head, keys, Precision.ToScalarType(), options.ReleaseWeights);
        if (_actions.Dimension > _acting.ActionDimension)
            throw new ArgumentException($"Head '{profile.Head}' predicts {_acting.ActionDimension} dimensions, the statistics have {_actions.Dimension}.", nameof(profile));
        if (_acting.Horizon > _actions.MaxRows)
            throw new ArgumentException($"Head '{profile.Head}' predicts {_acting.Horizon} steps, the statistics distinguish only {_actions.MaxRows}.", nameof(profile));
        _history = new HistoryWindow<Frame>(Window, profile.WindowPadding, frame => frame.Dispose());
        Notes = note is null ? [] : [note];
    }

    /// <inheritdoc/>
    public EmbodimentProfile Profile { get; }

    /// <summary>The precision that is used; float32 where bfloat16 was asked for in vain.</summary>
    public Precision Precision { get; }

    /// <summary>Cameras that a goal image may be given for.</summary>
    public IEnumerable<string> GoalKeys => _acting.GoalKeys;

    /// <summary>Length of the history window.</summary>
    public int Window { get; }

    /// <summary>What the user should know, for example that no bfloat16 instructions were found or that no text encoder is there.</summary>
    public IReadOnlyList<string> Notes { get; private set; }

    /// <inheritdoc/>
    public void Reset(PolicyTask task)
    {
        Redirect(task);
        _history.Clear();
    }

    /// <summary>Changes the task within an episode and keeps the history. Kept frames are encoded anew, for the task enters the encoders.</summary>
    /// <param name="task">What to do from now on.</param>
    /// <exception cref="ArgumentException">The policy cannot follow such a task (no such camera, unknown instruction).</exception>
    public void Redirect(PolicyTask task)
    {
        if (task.Equals(_task))
            return;
        using (NewDisposeScope())
            _acting.SetTask(ToTasks(task));
        _task = task;
        if (_history.Length == 0)
            return;
        foreach (var frame in _history.Items(HistoryKey))
            frame.Forget();
    }

    /// <inheritdoc/>
    public void Observe(Observation observation)
    {
        if (_task is null)
            throw new InvalidOperationException("The policy has no task yet; call Reset first.");
        _history.Push(new Dictionary<string, Frame> { [HistoryKey] = new Frame(Inputs(observation)) });
    }

    /// <inheritdoc/>
    public ActionChunk Predict(Observation observation)
    {
        Observe(observation);
        var (frames, mask) = (_history.Items(HistoryKey), _history.PadMask);
        var fresh = frames.Where((f, i) => mask[i] && f.Tokens is null).ToArray();
        if (fresh.Length > 0)
        {
            var tokens = _acting.Encode([.. fresh.Select(f => f.Inputs)]);
            for (var i = 0; i < fresh.Length; i++)
                fresh[i].Tokens = tokens[i];
        }

        var normalised = _acting.Predict([.. frames.Select((f, i) => mask[i] ? f.Tokens : null)]);
        var actions = new float[_acting.Horizon * _actions.Dimension];
        _actions.Inverse(normalised, _acting.ActionDimension, actions);
        return new ActionChunk(actions, _actions.Dimension, observation.Timestamp, Profile.Period);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _history.Clear();
        _acting.Dispose();
    }

    private const string HistoryKey = "frame";

    private Dictionary<string, Tensor> Inputs(Observation observation)
    {
        var inputs = new Dictionary<string, Tensor>();
        foreach (var camera in Profile.Cameras)
        {
            if (!observation.Contains(camera.Key))
                throw new ArgumentException($"Observation lacks camera '{camera.Key}', which profile '{Profile.Name}' names; it holds {string.Join(", ", observation.Arrays.Keys.Concat(observation.EncodedImages.Keys))}.", nameof(observation));
            var image = observation.Arrays.TryGetValue(camera.Key, out var pixels) ? pixels : ImageCodec.Decode(observation.EncodedImages[camera.Key].Span, name: camera.Key);
            inputs[camera.Key] = Image(image, camera.Height, camera.Width);
        }

        foreach (var input in Profile.Proprioception)
        {
            if (!observation.Arrays.TryGetValue(input.Key, out var vector))
                throw new ArgumentException($"Observation lacks '{input.Key}', which profile '{Profile.Name}' names; it holds {string.Join(", ", observation.Arrays.Keys)}.", nameof(observation));
            if (vector.Shape is not [var dimension] || dimension != input.Dimension)
                throw new ArgumentException($"Observation '{input.Key}': expected float32[{input.Dimension}], got {vector}.", nameof(observation));
            var values = vector.ToSingles();
            if (_proprioception.TryGetValue(input.Key, out var normalizer))
                normalizer.Forward(values.AsSpan().ToArray(), values);
            inputs[input.Key] = tensor(values, device: _device).DetachFromDisposeScope();
        }

        return inputs;
    }

    // Source: the reference's server resizes every image to the model's size with Lanczos3 (scripts/server.py).
    private Tensor Image(NdArray image, int height, int width)
    {
        var resized = image.Shape[0] == height && image.Shape[1] == width ? image : LanczosResize.Resize(image, height, width);
        var pixels = empty([height, width, 3], ScalarType.Byte);
        resized.Bytes.Span.CopyTo(pixels.bytes);
        if (_device.type == DeviceType.CPU)
            return pixels.DetachFromDisposeScope();
        using (pixels)
            return pixels.to(_device).DetachFromDisposeScope();
    }

    private Tasks ToTasks(PolicyTask task)
    {
        var shapes = _model.Module.Shapes.Tasks;
        var goals = new Dictionary<string, Tensor>();
        foreach (var (key, image) in task.GoalImages)
        {
            if (!_acting.GoalKeys.Contains(key))
                throw new ArgumentException($"The model takes no goal image '{key}' for this robot; it takes {(_acting.GoalKeys.Any() ? string.Join(", ", _acting.GoalKeys) : "none")}.", nameof(task));
            var shape = shapes.TryGetValue(key, out var s) ? s : _model.Module.Shapes.Observations[key];
            goals[key] = Image(image, shape[0], shape[1]).unsqueeze(0);
        }

        var (values, masks) = (new Dictionary<string, Tensor>(goals), goals.Keys.ToDictionary(k => k, _ => ones([1], ScalarType.Bool)));
        // Black goals for cameras without one; the tokenizers would make the same.
        foreach (var key in _acting.GoalKeys.Where(k => !goals.ContainsKey(k)))
        {
            var shape = shapes.TryGetValue(key, out var s) ? s : _model.Module.Shapes.Observations[key];
            values[key] = zeros([1, .. shape.Select(d => (long)d)], ScalarType.Byte, _device);
            masks[key] = zeros([1], ScalarType.Bool);
        }

        if (shapes.TryGetValue(LanguageTokenizer.Key, out var language))
        {
            values[LanguageTokenizer.Key] = Language(task, language).unsqueeze(0).to(_device);
            masks[LanguageTokenizer.Key] = full([1], Scalars.Of(task.Instruction is not null), ScalarType.Bool);
        }

        return new Tasks(values, masks);
    }

    private Tensor Language(PolicyTask task, int[] shape)
    {
        // A robot that nothing tells instructions to needs no encoder of them.
        if (!_acting.IsConditioned)
            return zeros([.. shape.Select(d => (long)d)]);
        if (_text is null && task.Instruction is not null)
            throw new ArgumentException($"The instruction \"{task.Instruction}\" needs a text encoder, and the policy has none.", nameof(task));
        try
        {
            // In training an absent instruction is the encoding of "".
            if (_text is not null)
                return tensor(_text.Encode(task.Instruction ?? ""));
        }
        catch (UnknownTextException) when (task.Instruction is null)
        {
            // A table made from a dataset need not have it.
        }

        const string note = "the text encoder has no encoding of \"\", which stood for an absent instruction in training: a zero vector takes its place";
        if (!Notes.Contains(note))
            Notes = [.. Notes, note];
        return zeros([.. shape.Select(d => (long)d)]);
    }

    private static void Check(CrossFormerModel model, EmbodimentProfile profile, int window)
    {
        var shapes = model.Module.Shapes.Observations;
        if (window > model.Module.Configuration.MaxHorizon)
            throw new ArgumentException($"Profile '{profile.Name}' has a window of {window}, the model's longest is {model.Module.Configuration.MaxHorizon}.", nameof(profile));
        foreach (var camera in profile.Cameras)
            Compare(camera.Key, [camera.Height, camera.Width, 3]);
        foreach (var input in profile.Proprioception)
            Compare(input.Key, [input.Dimension]);

        void Compare(string key, int[] wanted)
        {
            if (!shapes.TryGetValue(key, out var shape))
                throw new ArgumentException($"Profile '{profile.Name}' names '{key}', which the model does not read; it reads {string.Join(", ", shapes.Keys)}.", nameof(profile));
            if (!shape.AsSpan().SequenceEqual(wanted))
                throw new ArgumentException($"Profile '{profile.Name}', '{key}': the model takes [{string.Join(", ", shape)}], the profile says [{string.Join(", ", wanted)}].", nameof(profile));
        }
    }

    /// <summary>One step of the history: the model's inputs, and their tokens once they were needed.</summary>
    private sealed class Frame(Dictionary<string, Tensor> inputs) : IDisposable
    {
        public Dictionary<string, Tensor> Inputs => inputs;

        public StepTokens? Tokens { get; set; }

        public void Forget()
        {
            Tokens?.Dispose();
            Tokens = null;
        }

        public void Dispose()
        {
            Forget();
            foreach (var input in inputs.Values)
                input.Dispose();
        }
    }
}
