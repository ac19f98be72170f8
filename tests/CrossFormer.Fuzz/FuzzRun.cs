using System.Diagnostics;

namespace CrossFormer.Fuzz;

/// <summary>Feeds one reader with damaged inputs and keeps account.</summary>
/// <param name="target">The reader.</param>
/// <param name="failures">Where inputs that a reader failed on are kept.</param>
internal sealed class FuzzRun(FuzzTarget target, string failures)
{
    /// <summary>An input that takes more of the processor is called a hang. Wide, for so is a slow machine.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    // By the clock: for what waits instead of working. The process may be stopped for a while.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly Dictionary<string, int> _faults = [];
    private long _started;
    private long _ticksBefore;
    private byte[] _current = [];

    /// <summary>Inputs that were refused with the format's own exception.</summary>
    public int Refused { get; private set; }

    /// <summary>Inputs that were read.</summary>
    public int Read { get; private set; }

    /// <summary>Most bytes allocated for one input.</summary>
    public long MostAllocated { get; private set; }

    /// <summary>Longest time for one input.</summary>
    public TimeSpan Slowest { get; private set; }

    /// <summary>What went wrong, and how often.</summary>
    public IReadOnlyDictionary<string, int> Faults => _faults;

    /// <summary>Runs so many inputs.</summary>
    public void Run(int inputs, int seed)
    {
        var mutator = new Mutator(seed);
        (_ticksBefore, _started) = (Environment.CpuUsage.TotalTime.Ticks, Stopwatch.GetTimestamp());
        using var watchdog = new Timer(_ => Watch(), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
        for (var i = 0; i < inputs; i++)
            Try(mutator.Mutate(mutator.Choose(target.Seeds), mutator.Choose(target.Seeds)));
    }

    private void Try(byte[] input)
    {
        _current = input;
        Volatile.Write(ref _ticksBefore, Environment.CpuUsage.TotalTime.Ticks);
        Volatile.Write(ref _started, Stopwatch.GetTimestamp());
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            target.Read(input);
            Read++;
        }
        catch (Exception e) when (target.IsRefusal(e))
        {
            Refused++;
        }
        catch (Exception e)
        {
            Fault($"{e.GetType().Name} at {e.StackTrace?.Split('\n').FirstOrDefault(l => l.Contains("CrossFormer"))?.Trim()}: {e.Message}", input);
        }

        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        MostAllocated = Math.Max(MostAllocated, allocated);
        if (allocated > FuzzTarget.FreeBytes + (target.AllocationMultiple * input.Length))
            Fault("allocates too much", input);
        var elapsed = Stopwatch.GetElapsedTime(_started);
        Slowest = elapsed > Slowest ? elapsed : Slowest;
    }

    private void Fault(string what, byte[] input)
    {
        if (!_faults.TryAdd(what, 1))
        {
            _faults[what]++;
            return;
        }

        var path = Path.Combine(Directory.CreateDirectory(failures).FullName, $"{target.Name}-{_faults.Count}.bin");
        File.WriteAllBytes(path, input);
        Console.WriteLine($"  {target.Name}: {what}\n    {path}");
    }

    // A reader that hangs cannot be stopped, so the run ends here.
    private void Watch()
    {
        var used = Environment.CpuUsage.TotalTime.Ticks - Volatile.Read(ref _ticksBefore);
        if (used < Deadline.Ticks && Stopwatch.GetElapsedTime(Volatile.Read(ref _started)) < Patience)
            return;
        var path = Path.Combine(Directory.CreateDirectory(failures).FullName, $"{target.Name}-hang.bin");
        File.WriteAllBytes(path, _current);
        Console.WriteLine($"  {target.Name}: hangs for more than {Deadline.TotalSeconds} s\n    {path}");
        Environment.Exit(1);
    }
}
