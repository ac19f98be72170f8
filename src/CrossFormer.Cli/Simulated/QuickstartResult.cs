using Spectre.Console;

namespace CrossFormer.Cli.Simulated;

/// <summary>Closed-loop success before and after the training.</summary>
/// <param name="Tasks">By the task's name.</param>
/// <param name="Report">The page.</param>
internal sealed record QuickstartResult(IReadOnlyDictionary<string, QuickstartResult.Outcomes> Tasks, string Report) : VerbResult
{
    public override void WriteText(IAnsiConsole console)
    {
        var table = Terminal.NewTable(console, "robot", "episodes", "before", "after");
        foreach (var (name, o) in Tasks)
            table.AddRow(name, $"{o.After.Episodes}", $"{o.Before.Successes}", $"{o.After.Successes}");
        console.Write(table);
        console.MarkupLineInterpolated($"Page: {Report}");
    }

    /// <summary>One robot's.</summary>
    internal sealed record Outcomes(SimulationOutcomes.Outcome Before, SimulationOutcomes.Outcome After);
}
