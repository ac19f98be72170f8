using System.Diagnostics;

namespace CrossFormer.Cli;

/// <summary>Libraries warn through <see cref="Trace"/>; on the command line such a warning is a line on standard error.</summary>
/// <param name="error">Standard error, or what stands for it.</param>
internal sealed class WarningListener(TextWriter error) : TraceListener
{
    /// <inheritdoc/>
    public override void TraceEvent(TraceEventCache? eventCache, string source, TraceEventType eventType, int id, string? message)
    {
        if (eventType <= TraceEventType.Warning)
            error.WriteLine($"crossformer: {message}");
    }

    /// <inheritdoc/>
    public override void Write(string? message)
    {
        // What is no warning is for debuggers.
    }

    /// <inheritdoc/>
    public override void WriteLine(string? message)
    {
    }
}
