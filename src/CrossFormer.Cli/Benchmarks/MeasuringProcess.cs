using System.Diagnostics;
using System.Text.Json;

namespace CrossFormer.Cli.Benchmarks;

/// <summary>This program once more, so that what it measures has memory and first calls of its own.</summary>
internal static class MeasuringProcess
{
    /// <summary>Runs a verb and reads its result.</summary>
    /// <param name="words">The command line, <c>--json</c> among it.</param>
    /// <param name="cancellation">Stops waiting.</param>
    /// <exception cref="InvalidOperationException">It did not start, or failed.</exception>
    public static async Task<T> RunAsync<T>(IReadOnlyList<string> words, CancellationToken cancellation)
    {
        var program = Environment.ProcessPath ?? throw new InvalidOperationException("This program's own path is unknown, so it cannot start a child process.");
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true };
        // Run as `dotnet crossformer.dll`, the process is dotnet's.
        if (Path.GetFileNameWithoutExtension(program) == "dotnet")
            start.ArgumentList.Add(typeof(MeasuringProcess).Assembly.Location);
        foreach (var word in words)
            start.ArgumentList.Add(word);
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
        var output = await process.StandardOutput.ReadToEndAsync(cancellation);
        await process.WaitForExitAsync(cancellation);
        return process.ExitCode == 0
            ? JsonSerializer.Deserialize<T>(output, Terminal.Json)!
            : throw new InvalidOperationException($"The measuring process ({string.Join(' ', words)}) ended with code {process.ExitCode}; it says above why.");
    }
}
