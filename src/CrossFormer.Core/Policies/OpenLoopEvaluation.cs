using System.Diagnostics;

namespace CrossFormer.Policies;

/// <summary>
/// A policy watches a recorded episode and says at every step what it would do; nothing that it says moves the robot. Shows
/// whether observations, statistics and head fit together, not whether the policy succeeds.
/// </summary>
public static class OpenLoopEvaluation
{
    /// <summary>Predicts at every step.</summary>
    /// <param name="policy">The policy; is reset to <paramref name="task"/>.</param>
    /// <param name="task">What to do.</param>
    /// <param name="steps">The episode; actions have the policy's dimension.</param>
    /// <param name="strategy">How the chunks would be executed.</param>
    /// <param name="datasetMean">The dataset's mean action: a baseline.</param>
    /// <param name="onStep">Told after each step how many are done.</param>
    /// <param name="cancellation">Stops between steps.</param>
    /// <exception cref="ArgumentException">There are no steps, or recorded actions have another dimension than predicted ones.</exception>
    public static OpenLoopResult Run(
        IPolicy policy, PolicyTask task, IReadOnlyList<RecordedStep> steps, IExecutionStrategy strategy, ReadOnlySpan<float> datasetMean,
        Action<int>? onStep = null, CancellationToken cancellation = default)
    {
        if (steps.Count == 0)
            throw new ArgumentException("The episode has no steps.", nameof(steps));
        var mean = datasetMean.ToArray();
        policy.Reset(task);
        strategy.Reset();
        var (chunks, latencies, executed) = (new List<ActionChunk>(), new List<double>(), new List<float[]>());
        foreach (var step in steps)
        {
            cancellation.ThrowIfCancellationRequested();
            var start = Stopwatch.GetTimestamp();
            var chunk = policy.Predict(step.Observation);
            latencies.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            if (chunk.Dimension != step.Action.Length)
                throw new ArgumentException($"The policy predicts {chunk.Dimension} dimensions, the recorded actions have {step.Action.Length}.", nameof(steps));
            chunks.Add(chunk);
            if (strategy.StepsUntilChunk <= 0)
                strategy.Accept(chunk);
            executed.Add(strategy.NextAction());
            onStep?.Invoke(chunks.Count);
        }

        var dimension = steps[0].Action.Length;
        return new OpenLoopResult
        {
            Chunks = chunks,
            Latencies = latencies,
            MeanAbsoluteError = Error(0, t => chunks[t][0].ToArray()),
            ExecutedError = Error(0, t => executed[t]),
            LastActionError = Error(1, t => steps[t - 1].Action),
            MeanActionError = Error(0, _ => mean),
        };

        double[] Error(int first, Func<int, float[]> predicted)
        {
            var error = new double[dimension];
            for (var t = first; t < steps.Count; t++)
            {
                var guess = predicted(t);
                for (var d = 0; d < dimension; d++)
                    error[d] += Math.Abs((double)guess[d] - steps[t].Action[d]);
            }

            // An episode of one step has no last action to repeat.
            return [.. error.Select(e => steps.Count > first ? e / (steps.Count - first) : double.NaN)];
        }
    }
}
