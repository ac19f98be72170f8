using System.Globalization;
using System.Runtime.Intrinsics.X86;

namespace CrossFormer.Cli.Doctor;

/// <summary>The processor's instruction sets, its cores and the memory.</summary>
internal sealed class MachineChecks
{
    private const double GiB = 1024.0 * 1024 * 1024;

    // Acting keeps 1.0 to 1.2 GB resident in float32; below this the machine would swap.
    private const double NeededGiB = 1.5;

    private readonly HashSet<string> _flags;
    private readonly double _availableGiB;
    private readonly double _totalGiB;

    /// <param name="processorInformation">Text of <c>/proc/cpuinfo</c>.</param>
    /// <param name="memoryInformation">Text of <c>/proc/meminfo</c>.</param>
    /// <param name="limitBytes">What a container allows this process, in bytes.</param>
    public MachineChecks(string processorInformation, string memoryInformation, long limitBytes)
    {
        // All cores list the same flags; the kernel leaves out those that it does not support.
        var line = processorInformation.Split('\n').FirstOrDefault(l => l.StartsWith("flags", StringComparison.Ordinal)) ?? "";
        _flags = [.. line[(line.IndexOf(':') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];
        _totalGiB = Math.Min(KiloBytes(memoryInformation, "MemTotal") * 1024, limitBytes) / GiB;
        _availableGiB = Math.Min(KiloBytes(memoryInformation, "MemAvailable") * 1024, limitBytes) / GiB;
    }

    /// <summary>Reads this machine's.</summary>
    public static MachineChecks OfThisMachine() => new(
        File.ReadAllText("/proc/cpuinfo"),
        File.ReadAllText("/proc/meminfo"),
        GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);

    /// <summary>256-bit vectors: what every x64 processor since 2015 has.</summary>
    public Check Avx2() => _flags.Contains("avx2")
        ? Check.Good(System.Runtime.Intrinsics.X86.Avx2.IsSupported ? "256-bit kernels" : "switched off for .NET by an environment variable")
        : Check.Lacking("the plain kernels are used: correct, but several times slower");

    /// <summary>512-bit vectors.</summary>
    public Check Avx512() => _flags.Contains("avx512f")
        ? Check.Good(Avx512F.IsSupported ? "512-bit kernels" : "switched off for .NET by an environment variable")
        : Check.Lacking("the 256-bit kernels are used");

    /// <summary>bfloat16 products in 512-bit vectors.</summary>
    public Check Bfloat16() => _flags.Contains("avx512_bf16")
        ? Check.Good("bfloat16 is fast")
        : Check.Lacking("bfloat16 is emulated: float32 is chosen");

    /// <summary>Matrix tiles.</summary>
    public Check Amx()
    {
        string[] kinds = [.. new[] { "amx_tile", "amx_bf16", "amx_int8" }.Where(_flags.Contains)];
        return kinds.Contains("amx_bf16") ? Check.Good(string.Join(", ", kinds)) : Check.Lacking("no matrix tiles; vectors are used");
    }

    /// <summary>Memory that is free for the model.</summary>
    public Check Memory()
    {
        var detail = string.Create(CultureInfo.InvariantCulture, $"{_availableGiB:F1} GiB available of {_totalGiB:F1}");
        return _availableGiB >= NeededGiB ? Check.Good(detail) : Check.Lacking($"{detail}; acting with the 130M model wants {NeededGiB} GiB");
    }

    /// <summary>Processors that this process may use.</summary>
    public static Check Cores() => Environment.ProcessorCount switch
    {
        1 => Check.Lacking("1: the model and the data pipeline share it"),
        var n => Check.Good($"{n}"),
    };

    private static double KiloBytes(string memoryInformation, string field)
    {
        var line = memoryInformation.Split('\n').FirstOrDefault(l => l.StartsWith(field + ":", StringComparison.Ordinal));
        return line is null ? double.PositiveInfinity : double.Parse(line[(field.Length + 1)..].Replace("kB", "").Trim(), CultureInfo.InvariantCulture);
    }
}
