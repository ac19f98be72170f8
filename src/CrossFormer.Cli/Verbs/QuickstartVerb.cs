using System.CommandLine;
using System.ComponentModel;
using System.Diagnostics;
using CrossFormer.Cli.Simulated;

namespace CrossFormer.Cli.Verbs;

/// <summary>The first command of a new user: drive, demonstrate, train, drive again, one page.</summary>
internal sealed class QuickstartVerb : Verb
{
    private readonly Option<bool> _full = new("--full") { Description = $"everything from nothing: {QuickstartPlan.Full.Lessons.Sum(l => l.Demonstrations.Values.Sum() + l.Distracted.Values.Sum()):n0} demonstrations, the whole training, 100 episodes of each robot; two hours on two cores" };
    private readonly Option<string> _task = SimulateCommand.Task(heldOut: false);
    private readonly Option<string?> _out = new("--out") { Description = "folder for everything; an earlier run's is gone on from (default: a new one in runs)", HelpName = "DIR" };

    public QuickstartVerb() : base("quickstart", "simulated robots: the shipped policy drives, learns a little more, drives again", "./crossformer quickstart")
    {
        Add(_full);
        Add(_task);
        Add(_out);
    }

    /// <summary>Asked to stop, the training writes a checkpoint first.</summary>
    public override TimeSpan TerminationTimeout => TimeSpan.FromMinutes(1);

    protected override async Task<VerbResult> RunAsync(ParseResult arguments, Terminal terminal, CancellationToken cancellation)
    {
        var full = arguments.GetValue(_full);
        var pretrained = full ? null : RepositoryFiles.SimulatedPolicy
            ?? throw new UsageException("this copy comes without the policy of the simulated robots (models/cross_embodied_sim); --full trains one.");
        var task = arguments.GetValue(_task)!;
        // A robot alone is another run than all of them.
        var folder = Path.GetFullPath(arguments.GetValue(_out) ?? (full ? Path.Combine("runs", task == SimulateCommand.AllTasks ? "quickstart-full" : $"quickstart-full-{task}") : NewFolder()));
        Directory.CreateDirectory(folder);
        var plan = (pretrained is null ? QuickstartPlan.Full : QuickstartPlan.Brief(pretrained)) with { Tasks = SimulateCommand.Tasks(task) };
        var quickstart = new Quickstart(folder, plan, pretrained, terminal);
        var result = await Task.Run(() => quickstart.Run(cancellation), CancellationToken.None);
        if (terminal.IsInteractive)
            Show(result.Report);
        return result;
    }

    private static string NewFolder() =>
        Enumerable.Range(1, int.MaxValue).Select(i => Path.Combine("runs", $"quickstart-{i}")).First(f => !Path.Exists(f));

    // In the user's browser, where there is a screen. The path is printed anyway.
    private static void Show(string page)
    {
        if (OperatingSystem.IsLinux() && Environment.GetEnvironmentVariable("DISPLAY") is null or "" && Environment.GetEnvironmentVariable("WAYLAND_DISPLAY") is null or "")
            return;
        try
        {
            Process.Start(new ProcessStartInfo(page) { UseShellExecute = true })?.Dispose();
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException)
        {
            // No program opens pages here.
        }
    }
}
