using System.Diagnostics;
using CrossFormer.Arrays;
using CrossFormer.Checkpoints;

namespace CrossFormer.Cli.Verbs;

/// <summary>What both verbs of <c>checkpoint</c> tell of a step's parameters.</summary>
internal abstract record CheckpointResult : VerbResult
{
    private readonly CheckpointParameters _parameters;

    protected CheckpointResult(CheckpointParameters parameters) => _parameters = parameters;

    public int? Step => _parameters.Step;

    public string Form => NameOf(_parameters.Form);

    public long Parameters => Arrays.Values.Sum(CountOf);

    public int Leaves => Arrays.Count;

    public Dictionary<string, int> Dtypes => Arrays.Values.GroupBy(a => a.DType.NumpyName()).ToDictionary(g => g.Key, g => g.Count());

    /// <summary>Time to read every leaf once.</summary>
    public required double LoadMs { get; init; }

    /// <summary>The most that this process has had in memory so far.</summary>
    public double PeakMib { get; } = PeakOfProcess();

    protected OrderedDictionary<string, StoredArray> Arrays => _parameters.Arrays;

    protected string Title => $"{Form}, step {Step?.ToString() ?? "unknown"}: {Parameters:N0} parameters in {Leaves} leaves ({string.Join(", ", Dtypes.Select(d => $"{d.Value} {d.Key}"))})";

    public static string NameOf(CheckpointForm form) => form.ToString().ToLowerInvariant();

    public static long CountOf(StoredArray array) => array.ByteCount / array.DType.Size();

    public static double Mib(long bytes) => bytes / 1048576.0;

    private static double PeakOfProcess()
    {
        using var process = Process.GetCurrentProcess();
        return Mib(process.PeakWorkingSet64); // VmHWM on Linux
    }
}
