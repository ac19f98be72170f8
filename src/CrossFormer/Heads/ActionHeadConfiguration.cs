using System.Text.Json.Nodes;
using CrossFormer.Configuration;

namespace CrossFormer.Heads;

/// <summary>What a head minimises.</summary>
public enum LossType
{
    /// <summary>Mean squared error.</summary>
    Mse,
    /// <summary>Mean absolute error.</summary>
    L1,
}

/// <summary>How a head turns its readout tokens into embeddings.</summary>
public enum Pooling
{
    /// <summary>Mean over tokens, then one projection to the whole chunk.</summary>
    Mean,
    /// <summary>Attention pooling, then one projection to the whole chunk.</summary>
    Map,
    /// <summary>One token per action of the chunk.</summary>
    Pass,
}

/// <summary>Settings of <see cref="ActionHead"/>: the reference's ContinuousActionHead, and L1ActionHead when the loss is L1. Defaults are the reference's.</summary>
public sealed record ActionHeadConfiguration
{
    /// <summary>Token group that the head reads, for example <c>readout_single_arm</c>.</summary>
    public required string ReadoutKey { get; init; }

    /// <summary>What the head minimises.</summary>
    public LossType Loss { get; init; }

    /// <summary>How tokens become embeddings.</summary>
    public Pooling Pooling { get; init; }

    /// <summary>Actions in a chunk, C.</summary>
    public int ActionHorizon { get; init; } = 1;

    /// <summary>Numbers in an action, A.</summary>
    public int ActionDimension { get; init; } = 7;

    /// <summary>Whether predictions are squashed to ±<see cref="MaxAction"/> by tanh.</summary>
    public bool ClipPrediction { get; init; } = true;

    /// <summary>Bound of squashed predictions, in normalised units.</summary>
    public double MaxAction { get; init; } = 5;

    /// <summary>Outputs of the projection; 0: horizon times dimension. With <see cref="Pooling.Pass"/> it is the action's dimension.</summary>
    public int Outputs { get; init; }

    /// <summary>Weight of this head's loss in the sum over heads.</summary>
    public double LossWeight { get; init; } = 1;

    /// <summary>Whether actions are cut to this head's horizon and dimension before the loss.</summary>
    public bool ConstrainLossDimensions { get; init; }

    internal static ActionHeadConfiguration Read(SpecReader kwargs, LossType loss) => new()
    {
        ReadoutKey = kwargs.Text("readout_key"),
        Loss = kwargs.Choice("loss_type", loss, ("mse", LossType.Mse), ("l1", LossType.L1)),
        Pooling = kwargs.Choice("pool_strategy", Pooling.Mean, ("mean", Pooling.Mean), ("use_map", Pooling.Map), ("pass", Pooling.Pass)),
        ActionHorizon = kwargs.Integer("action_horizon", 1, min: 1),
        ActionDimension = kwargs.Integer("action_dim", 7, min: 1),
        ClipPrediction = kwargs.Flag("clip_pred", true),
        MaxAction = kwargs.Number("max_action", 5),
        Outputs = kwargs.Integer("num_preds", 0, min: 0),
        LossWeight = kwargs.Number("loss_weight", 1),
        ConstrainLossDimensions = kwargs.Flag("constrain_loss_dims", false),
    };

    internal ModuleSpec ToSpec() => new(ModuleTable.HeadModule, Loss == LossType.L1 ? "L1ActionHead" : "ContinuousActionHead", new JsonObject
    {
        ["action_horizon"] = ActionHorizon,
        ["action_dim"] = ActionDimension,
        ["num_preds"] = Outputs,
        ["pool_strategy"] = Pooling switch { Pooling.Map => "use_map", Pooling.Pass => "pass", _ => "mean" },
        ["readout_key"] = ReadoutKey,
        ["clip_pred"] = ClipPrediction,
        ["max_action"] = MaxAction,
        ["loss_weight"] = LossWeight,
        ["constrain_loss_dims"] = ConstrainLossDimensions,
    });
}
