using System.Diagnostics;

namespace CrossFormer.Cli.Benchmarks;

internal static class ProcessMemory
{
    /// <summary>The largest resident size of this process so far, in MiB.</summary>
    public static double PeakMib()
    {
        const string field = "VmHWM:";
        if (File.Exists("/proc/self/status") && File.ReadLines("/proc/self/status").FirstOrDefault(l => l.StartsWith(field, StringComparison.Ordinal)) is { } line)
            return double.Parse(line[field.Length..].Replace("kB", "", StringComparison.Ordinal)) / 1024;
        using var process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64 / 1048576.0;
    }
}
