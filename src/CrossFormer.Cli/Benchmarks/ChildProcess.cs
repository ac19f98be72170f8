using System.Diagnostics;
using System.Text.Json;

namespace CrossFormer.Cli.Benchmarks;

/// <summary>This program again, in a process of its own, so that what is measured has memory and first calls to itself.</summary>
internal static class ChildProcess
{
    /// <summary>Runs a verb with <c>--json</c> and reads its result.</summary>
    public static async Task<T> RunAsync<T>(IReadOnlyList<string> words, CancellationToken cancellation)
    {
        var program = Environment.ProcessPath ?? throw new InvalidOperationException("This program's own path is unknown, so it cannot start a child process.");
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true };
        // Run as `dotnet crossformer.dll`, the process is dotnet's.
        if (Path.GetFileNameWithoutExtension(program) == "dotnet")
            start.ArgumentList.Add(typeof(ChildProcess).Assembly.Location);
        foreach (var word in words)
            start.ArgumentList.Add(word);
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
        var output = await process.StandardOutput.ReadToEndAsync(cancellation);
        await process.WaitForExitAsync(cancellation);
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"The measuring process ({string.Join(' ', words)}) ended with code {process.ExitCode}; it says above why.");
        return JsonSerializer.Deserialize<T>(output, Terminal.Json)!;
    }
}
