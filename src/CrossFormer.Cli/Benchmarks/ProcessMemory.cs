using System.Diagnostics;

namespace CrossFormer.Cli.Benchmarks;

internal static class ProcessMemory
{
    /// <summary>The largest resident size of this process so far, in MiB.</summary>
    public static double PeakMib() => Status("VmHWM:") ?? Own(p => p.PeakWorkingSet64);

    /// <summary>The resident size of this process now, in MiB.</summary>
    public static double ResidentMib() => Status("VmRSS:") ?? Own(p => p.WorkingSet64);

    private static double? Status(string field) =>
        File.Exists("/proc/self/status") && File.ReadLines("/proc/self/status").FirstOrDefault(l => l.StartsWith(field, StringComparison.Ordinal)) is { } line
            ? double.Parse(line[field.Length..].Replace("kB", "", StringComparison.Ordinal)) / 1024
            : null;

    private static double Own(Func<Process, long> bytes)
    {
        using var process = Process.GetCurrentProcess();
        return bytes(process) / 1048576.0;
    }
}
