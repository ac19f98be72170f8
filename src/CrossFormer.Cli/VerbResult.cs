using Spectre.Console;

namespace CrossFormer.Cli;

/// <summary>
/// What a verb found out: a record whose public properties are the JSON (names become snake_case, dictionary keys stay as
/// they are), and which can also show itself to a person.
/// </summary>
internal abstract record VerbResult
{
    /// <summary>What the process returns. A verb that did its work but found a fault says <see cref="ExitCode.Failed"/>.</summary>
    /// <remarks>A method, for every property reaches the JSON.</remarks>
    public virtual int ToExitCode() => ExitCode.Done;

    /// <summary>Shows the result as text. Tables come from <see cref="Terminal.NewTable"/>, which knows about plain output.</summary>
    public abstract void WriteText(IAnsiConsole console);
}
