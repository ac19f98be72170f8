using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Spectre.Console;

namespace CrossFormer.Cli;

/// <summary>
/// Where a verb's words go. The result, as text or as one JSON object, is all that reaches standard output; notes,
/// progress and errors go to standard error. What is no terminal gets plain text: no colours, no borders, no wrapped lines.
/// </summary>
internal sealed class Terminal
{
    internal static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    private readonly TextWriter _output;
    private readonly TextWriter _error;
    private readonly bool _json;
    private readonly bool _verbose;

    /// <param name="output">Standard output, or what stands for it.</param>
    /// <param name="error">Standard error, or what stands for it.</param>
    /// <param name="json">The result is asked for as JSON.</param>
    /// <param name="verbose">Errors come with their stack trace.</param>
    public Terminal(TextWriter output, TextWriter error, bool json, bool verbose)
    {
        (_output, _error, _json, _verbose) = (output, error, json, verbose);
        Console = CreateConsole(output);
        Progress = CreateConsole(error);
    }

    /// <summary>Standard output, for a person.</summary>
    public IAnsiConsole Console { get; }

    /// <summary>Standard error, for notes, progress bars and spinners: they show even when the result is piped away.</summary>
    public IAnsiConsole Progress { get; }

    /// <summary>Whether a person reads the result: on a terminal, and not as JSON.</summary>
    public bool IsInteractive => !_json && Console.Profile.Out.IsTerminal;

    /// <summary>A table for <paramref name="console"/>: bordered on a terminal, aligned columns elsewhere.</summary>
    public static Table NewTable(IAnsiConsole console, params string[] columns)
    {
        var table = new Table { Border = console.Profile.Out.IsTerminal ? TableBorder.Rounded : TableBorder.None };
        foreach (var column in columns)
            table.AddColumn(new TableColumn(Markup.Escape(column)));
        return table;
    }

    /// <summary>A note on standard error.</summary>
    public void Note(string line) => _error.WriteLine(line);

    /// <summary>The result on standard output.</summary>
    public void Write(VerbResult result)
    {
        if (_json)
            _output.WriteLine(JsonSerializer.Serialize(result, result.GetType(), Json));
        else
            result.WriteText(Console);
    }

    /// <summary>One line on standard error that says what went wrong; with <c>--json</c> also <c>{"error": …}</c> on standard output.</summary>
    /// <param name="command">The verb as typed: <c>crossformer act</c>.</param>
    /// <param name="problem">What was expected, what was found, and what to do.</param>
    /// <param name="exception">The cause; its trace follows with <c>--verbose</c>.</param>
    public void Fail(string command, string problem, Exception? exception = null)
    {
        _error.WriteLine($"{command}: {problem.ReplaceLineEndings(" ")}");
        if (_verbose && exception is not null)
            _error.WriteLine(exception);
        if (_json)
            _output.WriteLine(JsonSerializer.Serialize(new { Error = problem }, Json));
    }

    private static IAnsiConsole CreateConsole(TextWriter writer)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(writer) });
        if (console.Profile.Out.IsTerminal)
            return console;
        console.Profile.Capabilities.Ansi = false;
        console.Profile.Capabilities.ColorSystem = ColorSystem.NoColors;
        console.Profile.Capabilities.Interactive = false;
        // Spectre assumes 80 columns and wraps; who reads a pipe wants one line per row.
        console.Profile.Width = 10_000;
        return console;
    }
}
