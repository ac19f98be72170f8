using CrossFormer.Policies;
using CrossFormer.Simulation;
using CrossFormer.Simulation.Episodes;
using Spectre.Console;

namespace CrossFormer.Cli.Simulated;

/// <summary>Runs a policy at several tasks, with a progress bar for each.</summary>
internal static class ClosedLoop
{
    /// <param name="tasks">Which.</param>
    /// <param name="open">Makes a policy for a robot.</param>
    /// <param name="sees">Whether the policy looks at cameras.</param>
    /// <param name="options">Seeds and so on.</param>
    /// <param name="terminal">For the bars.</param>
    /// <param name="finished">Told each task's outcome as it is there.</param>
    /// <param name="cancellation">Ends it between episodes.</param>
    /// <inheritdoc cref="Evaluation.Run" path="/exception"/>
    public static IReadOnlyList<TaskEvaluation> Run(
        IReadOnlyList<string> tasks, Func<SimulatedEnvironment, IPolicy> open, bool sees, EvaluationOptions options, Terminal terminal,
        Action<TaskEvaluation>? finished = null, CancellationToken cancellation = default)
    {
        // Who cannot drive the last of them is better told before the first.
        foreach (var task in tasks.Skip(1))
            Evaluation.Require(task, open, sees, options);
        var evaluations = new List<TaskEvaluation>();
        terminal.Progress.Progress().AutoClear(true).Start(progress =>
        {
            foreach (var task in tasks)
            {
                var bar = progress.AddTask(task, maxValue: options.Episodes);
                var evaluation = Evaluation.Run(task, open, sees, options, done => bar.Value = done, cancellation);
                evaluations.Add(evaluation);
                finished?.Invoke(evaluation);
            }
        });
        return evaluations;
    }
}
