using CrossFormer.Heads;
using CrossFormer.Layers;
using CrossFormer.Tokens;
using CrossFormer.Training.Losses;
using static TorchSharp.torch;

namespace CrossFormer.Training.Steps;

/// <summary>One head's losses over a batch that is computed group by group. Divisors and weights are the whole batch's, known beforehand.</summary>
internal sealed class HeadTally
{
    private readonly ActionHead _head;
    private readonly double _divisor, _fraction, _weight;
    private double _loss, _squares, _signs;

    /// <summary>Counts what the head's loss is taken over.</summary>
    /// <param name="head">The head.</param>
    /// <param name="batch">The whole batch.</param>
    /// <param name="headMask_B">The head's own samples; null: all.</param>
    /// <param name="alone">Whether this head's loss alone is minimised, unweighted.</param>
    public HeadTally(ActionHead head, TrainingBatch batch, Tensor? headMask_B, bool alone)
    {
        using var scope = NewDisposeScope();
        _head = head;
        _divisor = ActionHead.Divisor(head.ElementMask(batch.Observations.TimestepMask, batch.ActionMask, headMask_B));
        _fraction = headMask_B is null ? 1 : Scalars.Number(headMask_B.to(ScalarType.Float32).mean());
        _weight = alone ? 1 : _fraction * head.Configuration.LossWeight;
    }

    /// <summary>The head's part of what is minimised.</summary>
    public double Weighted => _weight * _loss / _divisor;

    /// <summary>What is logged.</summary>
    public HeadReport Report => new(_loss / _divisor, _squares / _divisor, _signs / _divisor, _fraction);

    /// <summary>Adds a group's errors.</summary>
    /// <returns>Scalar: the group's share of what is minimised, with its gradient.</returns>
    public Tensor Add(IReadOnlyDictionary<string, TokenGroup> outputs, TrainingBatch group, Tensor? headMask_B, Computation computation)
    {
        using var scope = NewDisposeScope();
        var mask = _head.ElementMask(group.Observations.TimestepMask, group.ActionMask, headMask_B);
        var sums = _head.Errors(outputs, group.Actions, mask, computation);
        _loss += Scalars.Number(sums.Loss);
        _squares += Scalars.Number(sums.Mse);
        _signs += Scalars.Number(sums.SignError);
        return (sums.Loss * Scalars.Of(_weight / _divisor)).MoveToOuterDisposeScope();
    }
}
