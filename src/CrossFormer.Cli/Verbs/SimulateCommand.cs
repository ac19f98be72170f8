using System.CommandLine;
using CrossFormer.Simulation;

namespace CrossFormer.Cli.Verbs;

/// <summary>Groups the verbs that work on simulated robots.</summary>
internal sealed class SimulateCommand : Command
{
    /// <summary>What stands for every task of the suite.</summary>
    public const string AllTasks = "all";

    public SimulateCommand() : base("simulate", "simulated robots: demonstrations and closed-loop evaluation")
    {
        Add(new SimulateDemosVerb());
        Add(new SimulateEvaluateVerb());
    }

    /// <summary>One of the suite's tasks, all of them, or a held-out robot's.</summary>
    public static Option<string> Task(bool heldOut = true)
    {
        string[] choices = [.. Suite.Names, AllTasks, .. heldOut ? Suite.HeldOut : []];
        var option = new Option<string>("--task") { Description = "which simulated robot", HelpName = string.Join('|', choices), DefaultValueFactory = _ => AllTasks };
        option.AcceptOnlyFromAmong(choices);
        return option;
    }

    /// <summary>The tasks that an option of <see cref="Task"/> names.</summary>
    public static IReadOnlyList<string> Tasks(string value) => value == AllTasks ? Suite.Names : [value];

    /// <summary>A number from 1 on.</summary>
    public static Option<int> Count(string name, string description, int missing)
    {
        var option = new Option<int>(name) { Description = description, HelpName = "N", DefaultValueFactory = _ => missing };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 1)
                result.AddError($"{name}: expected a number from 1 on.");
        });
        return option;
    }

    /// <summary>The seed of the first episode.</summary>
    public static Option<int> Seed(int missing)
    {
        var option = new Option<int>("--seed") { Description = "seed of the first episode; the others follow", HelpName = "S", DefaultValueFactory = _ => missing };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 0)
                result.AddError("--seed: expected a number from 0 on.");
        });
        return option;
    }
}
