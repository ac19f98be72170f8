using System.CommandLine;
using System.Text.Json.Nodes;

namespace CrossFormer.Cli.Tests;

/// <summary>One run of the command line inside the test's process, and what it said.</summary>
internal sealed record CommandRun(int ExitCode, string Output, string Error)
{
    public static Task<CommandRun> OfAsync(params string[] args) => OfAsync(CommandLine.Verbs(), args);

    public static async Task<CommandRun> OfAsync(Command[] verbs, params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var exitCode = await CommandLine.RunAsync(args, output, error, verbs);
        return new CommandRun(exitCode, output.ToString(), error.ToString());
    }

    /// <summary>Standard output, which must be one JSON object and nothing else.</summary>
    public JsonObject Json => JsonNode.Parse(Output)!.AsObject();
}
