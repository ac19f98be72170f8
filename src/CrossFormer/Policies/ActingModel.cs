// B frames · T window step · N tokens in group · F features · E embedding · C action chunk · A action dim
using CrossFormer.Encoders;
using CrossFormer.Heads;
using CrossFormer.Layers;
using CrossFormer.Parameters;
using CrossFormer.Tokenizers;
using CrossFormer.Tokens;
using CrossFormer.Transformer;
using static TorchSharp.torch;

namespace CrossFormer.Policies;

/// <summary>
/// A model folded for one robot: only the encoders of its cameras and the readout of its head, weights standardised once.
/// Frames become tokens once (<see cref="Encode"/>), and a window of tokens becomes a chunk (<see cref="Predict"/>). Equal to
/// running the whole module on the same window, but for rounding.
/// </summary>
internal sealed class ActingModel : IDisposable
{
    private readonly CrossFormerModule _module;
    private readonly ActionHead _head;
    private readonly List<Stream> _streams = [];
    private readonly FoldedTransformer _transformer;
    private readonly Tensor _readoutPositions_TNE;
    private readonly ScalarType _precision;
    private Tasks? _tasks;
    private List<(Tensor Tokens, Tensor Positions)> _task = [];

    /// <param name="module">The model. Its parameters are read, and only those that this robot needs.</param>
    /// <param name="head">The robot's head.</param>
    /// <param name="observationKeys">The inputs that the robot gives.</param>
    /// <param name="precision">float32 or bfloat16.</param>
    /// <param name="release">Whether the module's weights are freed once folded; the module can then not be saved or trained.</param>
    public ActingModel(CrossFormerModule module, string head, IReadOnlyCollection<string> observationKeys, ScalarType precision, bool release)
    {
        (_module, _precision) = (module, precision);
        if (!module.Heads.TryGetValue(head, out var found))
            throw new ArgumentException($"The model has no head '{head}'; it has {string.Join(", ", module.Heads.Keys)}.", nameof(head));
        _head = found;
        var readout = module.Transformer.Readouts.FirstOrDefault(r => $"readout_{r.Key}" == _head.Configuration.ReadoutKey).Value
            ?? throw new NotSupportedException($"Head '{head}' reads '{_head.Configuration.ReadoutKey}', which is no readout; run the module itself instead.");
        using var none = no_grad();
        using var scope = NewDisposeScope();
        foreach (var stream in module.Transformer.ObservationTokenizers.Where(s => s.Tokenizer.ObservationKeys.Any(observationKeys.Contains)))
        {
            if (stream.Tokenizer.ObservationKeys.FirstOrDefault(k => !observationKeys.Contains(k)) is { } missing)
                throw new ArgumentException($"{stream.Name} reads {string.Join(", ", stream.Tokenizer.ObservationKeys)} together; the robot does not give '{missing}'.", nameof(observationKeys));
            _streams.Add(new Stream(stream, precision));
        }

        var known = module.Transformer.ObservationTokenizers.SelectMany(s => s.Tokenizer.ObservationKeys).ToHashSet();
        if (observationKeys.FirstOrDefault(k => !known.Contains(k)) is { } unknown)
            throw new ArgumentException($"The model reads no '{unknown}': it was not in the checkpoint's example batch, so there are no parameters for it. It reads {string.Join(", ", known.Order())}.", nameof(observationKeys));
        _transformer = new FoldedTransformer(module.Transformer.Blocks.Encoder, module.Configuration.Transformer, precision);
        _readoutPositions_TNE = readout.Value.squeeze(0).clone().DetachFromDisposeScope();
        if (release)
            Release(readout);
    }

    /// <summary>Images that a goal may be given for.</summary>
    public IEnumerable<string> GoalKeys => _streams.SelectMany(s => s.GoalKeys).Distinct();

    /// <summary>Whether anything in use reads the task's vectors: an encoder, or a task tokenizer.</summary>
    public bool IsConditioned => _streams.Any(s => s.IsConditioned) || _module.Transformer.TaskTokenizers.Count > 0;

    public int Horizon => _head.Configuration.ActionHorizon;

    public int ActionDimension => _head.Configuration.ActionDimension;

    /// <summary>Sets the task. Tokens of earlier frames are no longer valid: goal and language enter the encoders.</summary>
    /// <param name="tasks">One sample; copied.</param>
    public void SetTask(Tasks tasks)
    {
        using var none = no_grad();
        DisposeTask();
        _tasks = new Tasks(
            tasks.Values.ToDictionary(t => t.Key, t => t.Value.clone().DetachFromDisposeScope()),
            tasks.PadMasks?.ToDictionary(t => t.Key, t => t.Value.clone().DetachFromDisposeScope()));
        using var scope = NewDisposeScope();
        var empty = new Observations(new Dictionary<string, Tensor>(), ones([1, 1], ScalarType.Bool));
        foreach (var stream in _module.Transformer.TaskTokenizers)
        {
            if (stream.Tokenizer.Tokenize(empty, _tasks, Computation.Plain) is not { } group)
                continue;
            var valid = group.Mask.squeeze(0).nonzero().squeeze(-1);
            if (valid.shape[0] > 0)
            {
                var tokens_NE = stream.Projection.Forward(group.Tokens).squeeze(0).index_select(0, valid);
                _task.Add((tokens_NE.DetachFromDisposeScope(), stream.Positions.Value.squeeze(0).index_select(0, valid).DetachFromDisposeScope()));
            }
        }
    }

    /// <summary>Turns frames into tokens.</summary>
    /// <param name="frames">For each frame, by key: uint8 [H, W, 3] or float32 [D], of the model's sizes.</param>
    public IReadOnlyList<StepTokens> Encode(IReadOnlyList<IReadOnlyDictionary<string, Tensor>> frames)
    {
        var tasks = _tasks ?? throw new InvalidOperationException("No task is set.");
        using var none = no_grad();
        using var scope = NewDisposeScope();
        var groups = _streams.Select(stream =>
        {
            var values = stream.Keys.ToDictionary(k => k, k => stack([.. frames.Select(f => f[k])], 0).unsqueeze(0));
            return stream.Encode(values, tasks, frames.Count);
        }).ToArray();
        return [.. Enumerable.Range(0, frames.Count).Select(i => new StepTokens([.. groups.Select(g => g.select(0, i).clone().DetachFromDisposeScope())]))];
    }

    /// <summary>Predicts the chunk from the window's last step on.</summary>
    /// <param name="window">Tokens of each step, oldest first; null for a padded step.</param>
    /// <returns>[C, A] in normalised units.</returns>
    public float[] Predict(IReadOnlyList<StepTokens?> window)
    {
        if (window.Count < 1 || window.Count > _module.Configuration.MaxHorizon || window[^1] is null)
            throw new ArgumentException($"Expected a window of 1 to {_module.Configuration.MaxHorizon} steps of which the last is no padding, got {window.Count}.", nameof(window));
        using var none = no_grad();
        using var scope = NewDisposeScope();
        var steps = new List<IReadOnlyList<(Tensor, Tensor)>>();
        for (var t = 0; t < window.Count; t++)
        {
            var step = new List<(Tensor, Tensor)>();
            for (var i = 0; window[t] is { } tokens && i < _streams.Count; i++)
                step.Add((tokens.Groups[i], _streams[i].Positions_TNE.select(0, t)));
            // Repeated task tokens are valid at padded steps too (reference: crossformer_module.py, repeat_task_tokens).
            if (_module.Configuration.RepeatTaskTokens)
                step.AddRange(_task);
            steps.Add(step);
        }

        var tokens_NE = _transformer.Forward(new ActingSequence(_task, steps, _readoutPositions_TNE.narrow(0, 0, window.Count)));
        var group = new TokenGroup(tokens_NE.view(1, 1, tokens_NE.shape[0], tokens_NE.shape[1]), ones([1, 1, tokens_NE.shape[0]], ScalarType.Bool, tokens_NE.device));
        return _head.Forward(group, Computation.Plain).to(ScalarType.Float32).cpu().contiguous().data<float>().ToArray();
    }

    public void Dispose()
    {
        DisposeTask();
        foreach (var stream in _streams)
            stream.Dispose();
        _transformer.Dispose();
        _readoutPositions_TNE.Dispose();
    }

    private void DisposeTask()
    {
        foreach (var (tokens, positions) in _task)
        {
            tokens.Dispose();
            positions.Dispose();
        }

        _task = [];
        foreach (var value in _tasks?.Values.Values ?? [])
            value.Dispose();
        foreach (var mask in _tasks?.PadMasks?.Values ?? [])
            mask.Dispose();
        _tasks = null;
    }

    // Heads and task tokenizers are small and used unfolded.
    private void Release(Parameter readout)
    {
        readout.Release();
        foreach (var parameter in _module.Parameters.All)
        {
            if (parameter.Path.StartsWith("crossformer_transformer/BlockTransformer_0/", StringComparison.Ordinal) ||
                _streams.Any(s => s.Owns(parameter.Path)))
                parameter.Release();
        }
    }

    /// <summary>One tokenizer with its projection and positions, folded where there is a fast form.</summary>
    private sealed class Stream : IDisposable
    {
        private readonly TokenStream _stream;
        private readonly FoldedResNet? _encoder;
        private readonly Tensor _projection, _bias;

        public Stream(TokenStream stream, ScalarType precision)
        {
            _stream = stream;
            if (stream.Tokenizer is ImageTokenizer { Encoder: ResNet resnet, HasTokenLearner: false })
                _encoder = new FoldedResNet(resnet, precision);
            var kept = _encoder is null ? ScalarType.Float32 : precision;
            _projection = stream.Projection.Kernel.Value.t().to(kept).contiguous().clone().DetachFromDisposeScope();
            _bias = stream.Projection.Bias.Value.to(kept).clone().DetachFromDisposeScope();
            Positions_TNE = stream.Positions.Value.squeeze(0).clone().DetachFromDisposeScope();
        }

        public IReadOnlyList<string> Keys => _stream.Tokenizer.ObservationKeys;

        public IEnumerable<string> GoalKeys => (_stream.Tokenizer as ImageTokenizer)?.TaskKeys ?? [];

        public bool IsConditioned => _stream.Tokenizer is ImageTokenizer { Configuration.FilmKeys.Count: > 0 };

        public Tensor Positions_TNE { get; }

        // A folded encoder owns all its parameters; an unfolded one is still read at every step.
        public bool Owns(string path) =>
            path.StartsWith($"crossformer_transformer/{_stream.Name}_", StringComparison.Ordinal) ||
            (_encoder is not null && path.StartsWith($"crossformer_transformer/observation_tokenizers_{_stream.Name["obs_".Length..]}/", StringComparison.Ordinal));

        /// <param name="values">By key [1, B, …]: frames stand where the window's steps do.</param>
        /// <param name="tasks">One sample.</param>
        /// <param name="frames">Number of frames, B.</param>
        /// <returns>float32 [B, N, E].</returns>
        public Tensor Encode(Dictionary<string, Tensor> values, Tasks tasks, int frames)
        {
            using var scope = NewDisposeScope();
            var observations = new Observations(values, ones([1, frames], ScalarType.Bool));
            Tensor tokens_BNF;
            if (_encoder is null)
            {
                tokens_BNF = _stream.Tokenizer.Tokenize(observations, tasks, Computation.Plain)!.Tokens.squeeze(0);
            }
            else
            {
                var (images_BHWC, condition_BD) = ((ImageTokenizer)_stream.Tokenizer).EncoderInputs(observations, tasks);
                tokens_BNF = _encoder.Forward(images_BHWC, condition_BD);
            }

            return nn.functional.linear(tokens_BNF, _projection, _bias).to(ScalarType.Float32).MoveToOuterDisposeScope();
        }

        public void Dispose()
        {
            _encoder?.Dispose();
            _projection.Dispose();
            _bias.Dispose();
            Positions_TNE.Dispose();
        }
    }
}
