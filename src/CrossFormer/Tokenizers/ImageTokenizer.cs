// B batch · T window step · N tokens in group · F features
using System.Text.Json.Nodes;
using CrossFormer.Configuration;
using CrossFormer.Encoders;
using CrossFormer.Layers;
using CrossFormer.Parameters;
using CrossFormer.Tokens;
using static TorchSharp.torch;

namespace CrossFormer.Tokenizers;

/// <summary>Settings of <see cref="ImageTokenizer"/>. Defaults are the reference's.</summary>
public sealed record ImageTokenizerConfiguration : TokenizerConfiguration
{
    /// <summary>The encoder of the stacked images.</summary>
    public required EncoderConfiguration Encoder { get; init; }

    /// <summary>Regular expressions: which observation images are stacked.</summary>
    public IReadOnlyList<string> ObservationKeys { get; init; } = ["image_.*", "depth_.*"];

    /// <summary>Regular expressions: which goal images are stacked behind them. A goal that is not given is black.</summary>
    public IReadOnlyList<string> TaskKeys { get; init; } = [];

    /// <summary>Literal keys of the task vectors that condition the encoder by FiLM.</summary>
    public IReadOnlyList<string> FilmKeys { get; init; } = [];

    /// <summary>Tokens that a <see cref="TokenLearner"/> makes of the encoder's; null: no token learner.</summary>
    public int? LearnedTokens { get; init; }

    /// <summary>Whether tokens of padded images are masked. When false, absent images are an error.</summary>
    public bool ProperPadMask { get; init; } = true;

    internal static ImageTokenizerConfiguration Read(SpecReader kwargs)
    {
        var tokens = kwargs.Integer("num_tokens", 8, min: 1);
        _ = kwargs.Text("conditioning_type", "none");
        return new()
        {
            Encoder = ModuleTable.Read<EncoderConfiguration>(kwargs.Node("encoder"), $"{kwargs.Path}.encoder"),
            ObservationKeys = kwargs.Texts("obs_stack_keys", ["image_.*", "depth_.*"]),
            TaskKeys = kwargs.Texts("task_stack_keys", []),
            FilmKeys = kwargs.Texts("task_film_keys", []),
            LearnedTokens = kwargs.Flag("use_token_learner", false) ? tokens : null,
            ProperPadMask = kwargs.Flag("proper_pad_mask", true),
        };
    }

    internal override ModuleSpec ToSpec() => new(ModuleTable.TokenizerModule, "ImageTokenizer", new JsonObject
    {
        ["obs_stack_keys"] = Strings(ObservationKeys),
        ["task_stack_keys"] = Strings(TaskKeys),
        ["task_film_keys"] = Strings(FilmKeys),
        ["encoder"] = Encoder.ToSpec().ToJson(),
        ["use_token_learner"] = LearnedTokens is not null,
        ["num_tokens"] = LearnedTokens ?? 8,
        ["proper_pad_mask"] = ProperPadMask,
    });

    internal override ITokenizer? Build(ParameterScope scope, InputShapes shapes) => ImageTokenizer.TryBuild(scope, this, shapes);

    private static JsonArray Strings(IEnumerable<string> values) => new([.. values.Select(v => JsonValue.Create(v))]);
}

/// <summary>Encodes a stack of observation and goal images into tokens (reference: tokenizers.py, ImageTokenizer).</summary>
internal sealed class ImageTokenizer : ITokenizer
{
    private readonly KeyPatterns _observationPatterns, _taskPatterns;
    private readonly TokenLearner? _learner;

    private ImageTokenizer(ParameterScope scope, ImageTokenizerConfiguration configuration, KeyPatterns observations, KeyPatterns tasks, InputShapes shapes)
    {
        (Configuration, _observationPatterns, _taskPatterns) = (configuration, observations, tasks);
        ObservationKeys = observations.SelectSorted(shapes.Observations.Keys);
        TaskKeys = configuration.TaskKeys.Count == 0 ? [] : tasks.SelectSorted(shapes.Tasks.Keys.Union(tasks.SelectSorted(shapes.Observations.Keys)));
        var first = shapes.Observations[ObservationKeys[0]];
        var channels = 0;
        foreach (var (key, shape) in ObservationKeys.Select(k => (k, shapes.Observations[k])).Concat(TaskKeys.Select(k => (k, GoalShape(k)))))
        {
            if (shape.Length != 3 || shape[0] != first[0] || shape[1] != first[1])
                throw new ArgumentException($"Images stacked by one tokenizer must be [H, W, C] of equal size: {ObservationKeys[0]} is [{string.Join(',', first)}], {key} is [{string.Join(',', shape)}].");
            channels += shape[2];
        }

        var condition = 0;
        foreach (var key in configuration.FilmKeys)
        {
            condition += shapes.Tasks.TryGetValue(key, out var shape)
                ? shape.Aggregate(1, (n, d) => n * d)
                : throw new ArgumentException($"The tokenizer of {ObservationKeys[0]} is conditioned on task input '{key}', which the example batch lacks.");
        }

        Input = new EncoderInput(first[0], first[1], channels, condition);
        Encoder = configuration.Encoder.Build(scope.Child($"{configuration.Encoder.ReferenceName}_0"), Input);
        if (configuration.LearnedTokens is { } learned)
            _learner = new TokenLearner(scope.Child("TokenLearner_0"), Encoder.Tokens, Encoder.Features, learned);

        int[] GoalShape(string key) => shapes.Tasks.TryGetValue(key, out var s) ? s : shapes.Observations[key];
    }

    public ImageTokenizerConfiguration Configuration { get; }

    public IImageEncoder Encoder { get; }

    /// <summary>What the encoder was built for.</summary>
    public EncoderInput Input { get; }

    public int Features => Encoder.Features;

    public int Tokens => Configuration.LearnedTokens ?? Encoder.Tokens;

    public IReadOnlyList<string> ObservationKeys { get; }

    /// <summary>Goal images stacked behind the observations, sorted.</summary>
    public IReadOnlyList<string> TaskKeys { get; }

    public bool HasTokenLearner => _learner is not null;

    public static ImageTokenizer? TryBuild(ParameterScope scope, ImageTokenizerConfiguration configuration, InputShapes shapes)
    {
        var observations = new KeyPatterns(configuration.ObservationKeys, "obs_stack_keys");
        return observations.SelectSorted(shapes.Observations.Keys).Length == 0
            ? null
            : new ImageTokenizer(scope, configuration, observations, new KeyPatterns(configuration.TaskKeys, "task_stack_keys"), shapes);
    }

    public TokenGroup? Tokenize(Observations observations, Tasks tasks, Computation computation)
    {
        var keys = _observationPatterns.SelectSorted(observations.Values.Keys);
        if (keys.Length == 0)
        {
            return Configuration.ProperPadMask
                ? null
                : throw new ArgumentException($"Observations lack {string.Join(", ", ObservationKeys)}, and this tokenizer (proper_pad_mask: false) cannot do without.");
        }

        using var scope = NewDisposeScope();
        var (batch, window) = (observations.TimestepMask.shape[0], observations.TimestepMask.shape[1]);
        var presence_BT = Presence(observations, computation);
        var (images_FHWC, condition_FD) = EncoderInputs(observations, tasks);
        // Frames that nothing valid attends to: their tokens may be anything.
        using var wanted_F = computation.SkipMaskedFrames ? presence_BT.logical_and(observations.TimestepMask).flatten().nonzero().flatten() : null;
        if (wanted_F?.shape[0] == 0)
            return null; // as if the camera were not there
        var kept_F = wanted_F is { } w && w.shape[0] < batch * window ? w : null;
        if (kept_F is not null)
            (images_FHWC, condition_FD) = (images_FHWC.index_select(0, kept_F), condition_FD?.index_select(0, kept_F));
        var features = computation.Encode is { } encode ? encode(Encoder, images_FHWC, condition_FD) : Encoder.Forward(images_FHWC, condition_FD, computation);
        var tokens_FNC = features.flatten(1, 2);
        if (kept_F is not null)
            tokens_FNC = zeros([batch * window, .. tokens_FNC.shape[1..]], tokens_FNC.dtype, tokens_FNC.device).index_add(0, kept_F, tokens_FNC, Scalars.Of(1));
        var tokens_BTNF = tokens_FNC.reshape(batch, window, -1, Encoder.Features);
        if (_learner is not null)
            tokens_BTNF = _learner.Forward(tokens_BTNF, computation);
        var mask_BTN = presence_BT.unsqueeze(-1).expand(tokens_BTNF.shape[..^1]);
        return new TokenGroup(tokens_BTNF.MoveToOuterDisposeScope(), mask_BTN.MoveToOuterDisposeScope());
    }

    public Tensor Presence(Observations observations, Computation computation) => Configuration.ProperPadMask
        ? PadMask.For(observations, _observationPatterns.SelectSorted(observations.Values.Keys))
        : ones_like(observations.TimestepMask);

    /// <summary>What the encoder is given: observation and goal images stacked, [B·T, H, W, C], and the FiLM vectors, [B·T, D] or null.</summary>
    public (Tensor Images, Tensor? Condition) EncoderInputs(Observations observations, Tasks tasks)
    {
        using var scope = NewDisposeScope();
        var images_BTHWC = cat([.. _observationPatterns.SelectSorted(observations.Values.Keys).Select(k => observations.Values[k])], -1);
        var (batch, window) = (images_BTHWC.shape[0], images_BTHWC.shape[1]);
        if (Configuration.TaskKeys.Count > 0)
        {
            var goals_BHWC = cat([.. GoalImages(observations, tasks)], -1);
            images_BTHWC = cat([images_BTHWC, goals_BHWC.unsqueeze(1).expand(-1, window, -1, -1, -1)], -1);
        }

        Tensor? condition_BD = null;
        if (Configuration.FilmKeys.Count > 0)
        {
            var vectors_BD = cat([.. Configuration.FilmKeys.Select(k => Required(tasks, k).reshape(batch, -1))], -1);
            condition_BD = vectors_BD.unsqueeze(1).expand(-1, window, -1).reshape(batch * window, -1).MoveToOuterDisposeScope();
        }

        return (images_BTHWC.reshape([batch * window, .. images_BTHWC.shape[2..]]).MoveToOuterDisposeScope(), condition_BD);
    }

    /// <summary>The goal images in the order in which they are stacked; black (uint8 zero, −1 after normalisation) where none is given.</summary>
    private IEnumerable<Tensor> GoalImages(Observations observations, Tasks tasks)
    {
        var keys = _taskPatterns.SelectSorted(tasks.Values.Keys.Union(_taskPatterns.SelectSorted(observations.Values.Keys)));
        if (keys.Length == 0)
            throw new ArgumentException($"No task inputs match {string.Join(", ", Configuration.TaskKeys)}; got {string.Join(", ", tasks.Values.Keys)}.");
        foreach (var key in keys)
            yield return tasks.Values.TryGetValue(key, out var goal) ? goal : zeros_like(observations.Values[key].select(1, 0));
    }

    private static Tensor Required(Tasks tasks, string key) => tasks.Values.TryGetValue(key, out var value)
        ? value
        : throw new ArgumentException($"The task lacks '{key}', which conditions the image encoder; got {string.Join(", ", tasks.Values.Keys)}.");
}
