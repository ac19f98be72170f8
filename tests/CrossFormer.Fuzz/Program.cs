using System.Diagnostics;
using System.Globalization;
using CrossFormer.Fuzz;
using CrossFormer.Testing;

// dotnet run --project tests/CrossFormer.Fuzz -c Release -- [inputs] [seed] [format]
// Damages the golden checkpoints, datasets and recordings, feeds them to every reader, and reports all that is not the reader's own refusal: other
// exceptions, hangs, and allocations beyond what the input's size allows. Exit code 1 when there was any.
// -- FILE FORMAT feeds a reader with one file, for example one that a run has kept, and shows what it says.
var (inputs, seed) = (0, 0);
var isReplay = args.Length == 2 && File.Exists(args[0]);
if (!isReplay && (!int.TryParse(args.ElementAtOrDefault(0) ?? "100000", NumberStyles.None, null, out inputs) || !int.TryParse(args.ElementAtOrDefault(1) ?? "1", NumberStyles.None, null, out seed)))
{
    Console.Error.WriteLine("usage: dotnet run --project tests/CrossFormer.Fuzz -c Release -- [inputs=100000] [seed=1] [format=all], or -- FILE FORMAT");
    return 2;
}

var folder = Directory.CreateTempSubdirectory("crossformer-fuzz-").FullName;
try
{
    FuzzTarget[] all = [.. new FuzzTargets(folder).All(), .. new DataTargets(folder).All(), .. new ConversionTargets(folder).All()];
    FuzzTarget[] targets = args.Length < 2 || !isReplay && args.Length < 3 ? all : [.. all.Where(t => t.Name == args[^1])];
    if (targets.Length == 0)
    {
        Console.Error.WriteLine($"No format '{args[^1]}'; there are {string.Join(", ", all.Select(t => t.Name))}.");
        return 2;
    }

    if (isReplay)
    {
        targets[0].Read(File.ReadAllBytes(args[0]));
        return 0;
    }

    Console.WriteLine($"{inputs} inputs in all, seed {seed}. Allowed: {FuzzTarget.FreeBytes >> 20} MiB + {FuzzTarget.Plain}x the input ({FuzzTarget.Compressed}x where it may be compressed), {FuzzRun.Deadline.TotalSeconds} s.");
    Console.WriteLine($"{"format",-16}{"inputs",10}{"refused",10}{"read",10}{"faults",8}{"most MiB",10}{"slowest ms",12}{"inputs/s",10}");
    var faults = 0;
    foreach (var target in targets)
    {
        var run = new FuzzRun(target, Path.Combine(Goldens.Repository, "artifacts", "fuzz"));
        var start = Stopwatch.GetTimestamp();
        var share = (inputs + targets.Length - 1) / targets.Length;
        run.Run(share, seed);
        faults += run.Faults.Values.Sum();
        Console.WriteLine(
            $"{target.Name,-16}{share,10}{run.Refused,10}{run.Read,10}{run.Faults.Values.Sum(),8}{run.MostAllocated / 1048576.0,10:f1}{run.Slowest.TotalMilliseconds,12:f0}{share / Stopwatch.GetElapsedTime(start).TotalSeconds,10:f0}");
    }

    return faults == 0 ? 0 : 1;
}
finally
{
    Directory.Delete(folder, recursive: true);
}
