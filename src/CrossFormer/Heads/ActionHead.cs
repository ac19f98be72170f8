// B batch · T window step · N tokens in group · E embedding · C action chunk · A action dim
using CrossFormer.Layers;
using CrossFormer.Parameters;
using CrossFormer.Tokens;
using CrossFormer.Transformer;
using static TorchSharp.torch;

namespace CrossFormer.Heads;

/// <summary>Predicts a chunk of continuous actions at each timestep and measures its error (reference: action_heads.py).</summary>
public sealed class ActionHead
{
    private readonly MapHead? _pool;

    internal ActionHead(ParameterScope scope, ActionHeadConfiguration configuration, long embedding)
    {
        Configuration = configuration;
        _pool = configuration.Pooling == Pooling.Map ? new MapHead(scope.Child("map_head"), embedding, 1) : null;
        var outputs = configuration.Outputs > 0 ? configuration.Outputs : configuration.ActionHorizon * configuration.ActionDimension;
        Projection = new Dense(scope.Child("mean_proj"), embedding, outputs);
    }

    /// <summary>The head's settings.</summary>
    public ActionHeadConfiguration Configuration { get; }

    internal Dense Projection { get; }

    /// <summary>Predicts at every timestep.</summary>
    /// <param name="outputs">The transformer's outputs; must hold <see cref="ActionHeadConfiguration.ReadoutKey"/> with tokens [B, T, N, E].</param>
    /// <param name="train">Whether dropout acts.</param>
    /// <returns>float32 [B, T, C, A], normalised units.</returns>
    public Tensor Forward(IReadOnlyDictionary<string, TokenGroup> outputs, bool train = false)
    {
        if (!outputs.TryGetValue(Configuration.ReadoutKey, out var group))
            throw new ArgumentException($"The transformer's outputs lack '{Configuration.ReadoutKey}', which this head reads; they hold {string.Join(", ", outputs.Keys)}.", nameof(outputs));
        return Forward(group, new Computation { Train = train });
    }

    internal Tensor Forward(TokenGroup group, Computation computation)
    {
        var (horizon, dimension) = (Configuration.ActionHorizon, Configuration.ActionDimension);
        using var scope = NewDisposeScope();
        Tensor mean_BTCA;
        if (Configuration.Pooling == Pooling.Pass)
        {
            if (group.Count != horizon)
                throw new ArgumentException($"Head of '{Configuration.ReadoutKey}' takes one token per action: expected {horizon}, got {group.Count}.");
            mean_BTCA = Projection.Forward(group.Tokens);
        }
        else
        {
            var pooled_BTE = _pool is null ? group.Tokens.mean([-2]) : _pool.Forward(group, computation).select(2, 0);
            mean_BTCA = Projection.Forward(pooled_BTE).view(pooled_BTE.shape[0], pooled_BTE.shape[1], horizon, dimension);
        }

        return Squash(mean_BTCA).MoveToOuterDisposeScope();
    }

    /// <summary>Predicts for the last timestep of the window.</summary>
    /// <returns>float32 [B, C, A], normalised units.</returns>
    public Tensor PredictAction(IReadOnlyDictionary<string, TokenGroup> outputs, bool train = false)
    {
        using var scope = NewDisposeScope();
        return Forward(outputs, train).select(1, -1).MoveToOuterDisposeScope();
    }

    /// <summary>The regression loss and its metrics over valid action elements.</summary>
    /// <param name="outputs">The transformer's outputs.</param>
    /// <param name="actions_BTCA">float32, normalised; at least this head's horizon and dimension when losses are constrained to them.</param>
    /// <param name="timestepMask_BT">bool: false where a step is padding.</param>
    /// <param name="actionMask_BTCA">bool: false where an action element is padding.</param>
    /// <param name="headMask_B">bool: true where the sample belongs to this head; null: everywhere.</param>
    /// <param name="train">Whether dropout acts.</param>
    public HeadLoss Loss(
        IReadOnlyDictionary<string, TokenGroup> outputs, Tensor actions_BTCA, Tensor timestepMask_BT, Tensor actionMask_BTCA, Tensor? headMask_B = null, bool train = true)
    {
        using var scope = NewDisposeScope();
        var mask = ElementMask(timestepMask_BT, actionMask_BTCA, headMask_B);
        var divisor = Divisor(mask);
        var sums = Errors(outputs, actions_BTCA, mask, new Computation { Train = train });
        return new HeadLoss(
            (sums.Loss / Scalars.Of(divisor)).MoveToOuterDisposeScope(), (sums.Mse / Scalars.Of(divisor)).MoveToOuterDisposeScope(), (sums.SignError / Scalars.Of(divisor)).MoveToOuterDisposeScope());
    }

    /// <summary>bool [B, T, C, A]: which action elements this head's loss counts.</summary>
    internal Tensor ElementMask(Tensor timestepMask_BT, Tensor actionMask_BTCA, Tensor? headMask_B)
    {
        using var scope = NewDisposeScope();
        var mask = timestepMask_BT.unsqueeze(-1).unsqueeze(-1).logical_and(Cut(actionMask_BTCA));
        return (headMask_B is null ? mask : mask.logical_and(headMask_B.view(-1, 1, 1, 1))).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// What a sum over valid elements is divided by to become the reference's masked mean, mean(x·mask) / max(mean(mask), 1e-5). A batch
    /// without a sample of this head has an empty mask: the floor makes its loss zero instead of not-a-number.
    /// </summary>
    internal static double Divisor(Tensor mask)
    {
        using var count = mask.sum(ScalarType.Int64);
        return Math.Max(Scalars.Number(count), 1e-5 * mask.numel());
    }

    /// <summary>The loss and its metrics as sums over valid elements: sums of parts of a batch add up to the batch's.</summary>
    internal HeadLoss Errors(IReadOnlyDictionary<string, TokenGroup> outputs, Tensor actions_BTCA, Tensor mask_BTCA, Computation computation)
    {
        using var scope = NewDisposeScope();
        var (prediction, actions) = (Forward(outputs, computation.Train), Cut(actions_BTCA));
        if (!prediction.shape.SequenceEqual(actions.shape))
            throw new ArgumentException($"Actions: expected [{string.Join(',', prediction.shape)}], got [{string.Join(',', actions.shape)}].", nameof(actions_BTCA));
        var weights = mask_BTCA.to(ScalarType.Float32);
        var error = prediction - actions;
        var squares = (error.square() * weights).sum();
        var loss = Configuration.Loss == LossType.Mse ? squares : (error.abs() * weights).sum();
        var sign = (prediction.gt(Scalars.Of(0)).ne(actions.gt(Scalars.Of(0))).to(ScalarType.Float32) * weights).sum();
        return new HeadLoss(loss.MoveToOuterDisposeScope(), squares.detach().MoveToOuterDisposeScope(), sign.MoveToOuterDisposeScope());
    }

    internal Tensor Squash(Tensor mean) => Configuration.ClipPrediction ? (mean / Scalars.Of(Configuration.MaxAction)).tanh() * Scalars.Of(Configuration.MaxAction) : mean;

    // To this head's own size, where losses are constrained to it.
    private Tensor Cut(Tensor x_BTCA) => !Configuration.ConstrainLossDimensions ? x_BTCA : x_BTCA
        .narrow(2, 0, Math.Min(Configuration.ActionHorizon, x_BTCA.shape[2]))
        .narrow(3, 0, Math.Min(Configuration.ActionDimension, x_BTCA.shape[3]));
}
