using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using CrossFormer.Cli.Verbs;
using Spectre.Console;

namespace CrossFormer.Cli;

/// <summary>The program's verbs, its help, and how a wrong command line is answered.</summary>
internal static class CommandLine
{
    private const string ProgramName = "crossformer";

    /// <summary>Every verb, in the order in which a new user wants them. A group is a plain <see cref="Command"/> that holds verbs.</summary>
    public static Command[] Verbs() =>
    [
        new QuickstartVerb(),
        new ActVerb(),
        new TrainVerb(),
        new FinetuneVerb(),
        new EvaluateVerb(),
        new SpecVerb(),
        new CheckpointCommand(),
        new DataCommand(),
        new SimulateCommand(),
        new BenchCommand(),
        new DoctorVerb(),
    ];

    /// <summary>Parses <paramref name="args"/> and does what they ask.</summary>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static Task<int> RunAsync(string[] args, TextWriter output, TextWriter error) => RunAsync(args, output, error, Verbs());

    /// <summary>As <see cref="RunAsync(string[], TextWriter, TextWriter)"/>, with other verbs.</summary>
    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter error, params Command[] verbs)
    {
        var root = CreateRoot(verbs);
        var parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            // A value that did not parse leaves --json unread: look at the words themselves.
            var terminal = new Terminal(output, error, json: args.Contains(SharedOptions.Json.Name), verbose: false);
            terminal.Fail(PathOf(parsed.CommandResult.Command), Describe(parsed));
            return ExitCode.Usage;
        }

        return await parsed.InvokeAsync(new InvocationConfiguration
        {
            Output = output,
            Error = error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = (parsed.CommandResult.Command as Verb)?.TerminationTimeout ?? Verb.DefaultTerminationTimeout,
        });
    }

    /// <summary>The verb's name with its groups', as typed: <c>crossformer checkpoint inspect</c>.</summary>
    public static string PathOf(Command command) =>
        command is RootCommand ? ProgramName : $"{(command.Parents.OfType<Command>().FirstOrDefault() is { } parent ? PathOf(parent) : ProgramName)} {command.Name}";

    /// <summary>The terminal that this command line asks for.</summary>
    public static Terminal TerminalOf(ParseResult arguments) => new(
        arguments.InvocationConfiguration.Output,
        arguments.InvocationConfiguration.Error,
        arguments.GetValue(SharedOptions.Json),
        arguments.GetValue(SharedOptions.Verbose));

    private static RootCommand CreateRoot(Command[] verbs)
    {
        var root = new RootCommand("One policy for many robots: the CrossFormer model for .NET.") { HelpName = ProgramName };
        root.Directives.Clear();
        root.Add(SharedOptions.Json);
        root.Add(SharedOptions.Verbose);
        foreach (var verb in verbs)
            root.Add(verb);
        foreach (var argument in VerbsOf(root).SelectMany(v => v.Arguments))
            argument.Validators.Add(RefuseOption);
        root.SetAction(arguments => WriteOverview(TerminalOf(arguments).Console, root));
        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExamples((HelpAction)help.Action!);
        return root;
    }

    // The library takes an option that it does not know for the value of an argument that is still free.
    private static void RefuseOption(ArgumentResult argument)
    {
        foreach (var token in argument.Tokens.Where(t => t.Value.StartsWith("--", StringComparison.Ordinal)))
            argument.AddError($"Unrecognized command or argument '{token.Value}'.");
    }

    private static string Describe(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        var choices = command.Subcommands.Count > 0 ? $" Choose one of: {string.Join(", ", command.Subcommands.Select(c => c.Name))}." : "";
        return $"{string.Join(" ", parsed.Errors.Select(e => e.Message).Distinct())}{choices} ({PathOf(command)} --help shows an example.)";
    }

    private static IEnumerable<Verb> VerbsOf(Command command) =>
        command.Subcommands.SelectMany(c => c is Verb verb ? [verb] : VerbsOf(c));

    private static void WriteOverview(IAnsiConsole console, RootCommand root)
    {
        console.MarkupLineInterpolated($"{root.Description}");
        console.WriteLine();
        var verbs = VerbsOf(root).Select(v => (Verb: v, Name: PathOf(v)[(ProgramName.Length + 1)..])).ToList();
        var width = verbs.Max(v => v.Name.Length) + 2;
        foreach (var (verb, name) in verbs)
        {
            console.MarkupLineInterpolated($"  [bold]{name.PadRight(width)}[/]{verb.Description}");
            console.MarkupLineInterpolated($"  {new string(' ', width)}[dim]{verb.Example}[/]");
        }

        console.WriteLine();
        console.MarkupLineInterpolated($"--help after a verb tells more; --json prints its result as one JSON object.");
    }

    /// <summary>The library's help, and below it the examples of the verb or of the group's verbs.</summary>
    private sealed class HelpWithExamples(HelpAction inner) : SynchronousCommandLineAction
    {
        // Who asks for help need not give what the verb requires.
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            inner.Invoke(parseResult);
            var command = parseResult.CommandResult.Command;
            var output = parseResult.InvocationConfiguration.Output;
            Verb[] verbs = command is Verb verb ? [verb] : [.. VerbsOf(command)];
            output.WriteLine(verbs.Length == 1 ? "Example:" : "Examples:");
            foreach (var v in verbs)
                output.WriteLine($"  {v.Example}");
            return ExitCode.Done;
        }
    }
}
