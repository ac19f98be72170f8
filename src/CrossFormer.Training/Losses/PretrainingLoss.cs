using CrossFormer.Heads;
using static TorchSharp.torch;

namespace CrossFormer.Training.Losses;

/// <summary>
/// The pre-training objective over all heads: Σ head loss × share of the batch that is the head's × the head's weight
/// (reference: train.py, loss_fn).
/// </summary>
public static class PretrainingLoss
{
    /// <summary>Runs the model on a batch.</summary>
    /// <returns>The scalar to minimise, with its gradient, and each head's loss and metrics.</returns>
    public static (Tensor Total, IReadOnlyDictionary<string, HeadLoss> Heads) Compute(CrossFormerModule module, TrainingBatch batch, bool train = true)
    {
        using var scope = NewDisposeScope();
        var outputs = module.Transformer.Forward(batch.Observations, batch.Tasks, train: train);
        var total = zeros(1).squeeze();
        var heads = new Dictionary<string, HeadLoss>();
        foreach (var (name, head) in module.Heads)
        {
            var mask = batch.HeadMasks[name];
            var loss = head.Loss(outputs, batch.Actions, batch.Observations.TimestepMask, batch.ActionMask, mask, train);
            total = total + loss.Loss * (mask.to(ScalarType.Float32).mean() * head.Configuration.LossWeight);
            heads.Add(name, new HeadLoss(loss.Loss.MoveToOuterDisposeScope(), loss.Mse.MoveToOuterDisposeScope(), loss.SignError.MoveToOuterDisposeScope()));
        }

        return (total.MoveToOuterDisposeScope(), heads);
    }
}
