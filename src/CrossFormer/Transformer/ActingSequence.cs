// R rows of the sequence · E embedding · N tokens in group · T window step
using static TorchSharp.torch;

namespace CrossFormer.Transformer;

/// <summary>A run of query rows that attend to one contiguous run of keys.</summary>
/// <param name="First">First query row.</param>
/// <param name="Count">Number of query rows.</param>
/// <param name="FirstKey">First key row.</param>
/// <param name="KeyCount">Number of key rows.</param>
internal readonly record struct AttentionSegment(long First, long Count, long FirstKey, long KeyCount);

/// <summary>
/// The valid tokens of one window, one sample, with their positions: what <see cref="FoldedTransformer"/> reads. The tensors are
/// the caller's.
/// </summary>
/// <param name="Task">Task tokens [N, E] with positions [N, E], group by group.</param>
/// <param name="Steps">For each step, oldest first: observation tokens [N, E] with positions [N, E], group by group; none for a padded step.</param>
/// <param name="ReadoutPositions">[T, N, E]: position embeddings of the readout at each step. Readout tokens themselves are zero.</param>
internal sealed record ActingSequence(
    IReadOnlyList<(Tensor Tokens, Tensor Positions)> Task, IReadOnlyList<IReadOnlyList<(Tensor Tokens, Tensor Positions)>> Steps, Tensor ReadoutPositions)
{
    /// <summary>Rows in the order [last step's observations … first step's | task | first step's readouts … last step's], and who attends to whom.</summary>
    /// <returns>Tokens and positions [R, E], and segments in the order of their rows; the last one is the last step's readouts.</returns>
    public (Tensor Tokens_RE, Tensor Positions_RE, IReadOnlyList<AttentionSegment> Segments) Assemble()
    {
        using var scope = NewDisposeScope();
        var (tokens, positions) = (new List<Tensor>(), new List<Tensor>());
        var segments = new List<AttentionSegment>();
        var counts = Steps.Select(step => step.Sum(g => g.Tokens.shape[0])).ToArray();
        var taskCount = Task.Sum(g => g.Tokens.shape[0]);
        var observed = counts.Sum();
        var firstOfStep = new long[Steps.Count];
        var row = 0L;
        for (var t = Steps.Count - 1; t >= 0; t--)
        {
            firstOfStep[t] = row;
            foreach (var (token, position) in Steps[t])
            {
                tokens.Add(token);
                positions.Add(position);
            }

            if (counts[t] > 0)
                segments.Add(new AttentionSegment(row, counts[t], row, observed + taskCount - row));
            row += counts[t];
        }

        foreach (var (token, position) in Task)
        {
            tokens.Add(token);
            positions.Add(position);
        }

        if (taskCount > 0)
            segments.Add(new AttentionSegment(row, taskCount, row, taskCount));
        row += taskCount;
        var readouts = ReadoutPositions.shape[1];
        for (var t = 0; t < Steps.Count; t++, row += readouts)
            segments.Add(new AttentionSegment(row, readouts, firstOfStep[t], row + readouts - firstOfStep[t]));
        var readoutPositions_RE = ReadoutPositions.flatten(0, 1);
        tokens.Add(zeros_like(readoutPositions_RE));
        positions.Add(readoutPositions_RE);
        return (cat(tokens, 0).MoveToOuterDisposeScope(), cat(positions, 0).MoveToOuterDisposeScope(), segments);
    }
}
