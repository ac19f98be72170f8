using System.CommandLine;
using System.Reflection;

namespace CrossFormer.Cli;

/// <summary>
/// One thing the program does. To add a verb: write one file in <c>Verbs/</c> and name it in <see cref="CommandLine.Verbs"/>.
/// <code>
/// internal sealed class SpecVerb : Verb
/// {
///     private readonly Argument&lt;string&gt; _checkpoint = SharedOptions.CheckpointArgument();
///
///     public SpecVerb() : base("spec", "shows what a checkpoint expects and predicts", "./crossformer spec CHECKPOINT") => Add(_checkpoint);
///
///     protected override Task&lt;VerbResult&gt; RunAsync(ParseResult arguments, Terminal terminal, CancellationToken cancellation) => …
/// }
/// </code>
/// <see cref="RunAsync"/> returns a <see cref="VerbResult"/> record, whose properties are the JSON; it prints nothing itself
/// but notes and progress. It throws what goes wrong: the message becomes one line on standard error and the exit code 1
/// (<see cref="UsageException"/>: 2). Help, <c>--json</c>, <c>--verbose</c>, errors and exit codes come with the base class.
/// </summary>
internal abstract class Verb : Command
{
    /// <param name="name">The word that is typed.</param>
    /// <param name="summary">What it does, in one line without a full stop.</param>
    /// <param name="example">A command line that works, from the repository's root.</param>
    protected Verb(string name, string summary, string example) : base(name, summary)
    {
        Example = example;
        SetAction(ExecuteAsync);
    }

    /// <summary>A command line that works, from the repository's root.</summary>
    public string Example { get; }

    /// <summary>How long a verb may take to end after Ctrl-C or SIGTERM before the process ends without it.</summary>
    public static TimeSpan DefaultTerminationTimeout { get; } = TimeSpan.FromSeconds(2);

    /// <inheritdoc cref="DefaultTerminationTimeout"/>
    public virtual TimeSpan TerminationTimeout => DefaultTerminationTimeout;

    /// <summary>Does the work.</summary>
    /// <param name="arguments">Values of the verb's own options and arguments.</param>
    /// <param name="terminal">For notes and progress.</param>
    /// <param name="cancellation">Set by Ctrl-C and SIGTERM.</param>
    protected abstract Task<VerbResult> RunAsync(ParseResult arguments, Terminal terminal, CancellationToken cancellation);

    // The last line of defence: whatever is thrown becomes one line. Only here are all exceptions caught.
    private async Task<int> ExecuteAsync(ParseResult arguments, CancellationToken cancellation)
    {
        var terminal = CommandLine.TerminalOf(arguments);
        var command = CommandLine.PathOf(this);
        try
        {
            var result = await RunAsync(arguments, terminal, cancellation);
            terminal.Write(result);
            return result.ToExitCode();
        }
        catch (UsageException e)
        {
            terminal.Fail(command, $"{e.Message} ({command} --help shows an example.)", e);
            return ExitCode.Usage;
        }
        catch (OperationCanceledException e) when (cancellation.IsCancellationRequested)
        {
            terminal.Fail(command, "interrupted", e);
            return ExitCode.Failed;
        }
        catch (Exception e)
        {
            terminal.Fail(command, Message(Cause(e)), e);
            return ExitCode.Failed;
        }
    }

    // .NET appends the parameter's name, which means nothing to who types commands.
    private static string Message(Exception e) =>
        e is ArgumentException { ParamName: { } name } ? e.Message.Replace($" (Parameter '{name}')", "", StringComparison.Ordinal) : e.Message;

    // Wrappers that say nothing of their own: "one or more errors occurred", "the type initializer threw".
    private static Exception Cause(Exception e) =>
        e is AggregateException or TypeInitializationException or TargetInvocationException && e.InnerException is { } inner ? Cause(inner) : e;
}
