using System.CommandLine;
using CrossFormer.Cli.Benchmarks;
using CrossFormer.Data.Rlds;
using Spectre.Console;

namespace CrossFormer.Cli.Verbs;

/// <summary>
/// Measures the data pipeline, each case in a process of its own. The speed-up over the reference is scaled by the speed of JPEG
/// decoding in the same run, so that a slower machine does not count against it.
/// </summary>
internal sealed class BenchDataVerb : Verb
{
    private const string Camera = "observation/image_0";

    // The reference (TensorFlow 2.15) on two cores of which one decodes 684 of the 640x480 files a second: images a second.
    private static readonly OrderedDictionary<string, double> Reference = new()
    {
        ["bridge64_window1"] = 595,
        ["bridge64_window5"] = 567,
        ["jpeg640_window1"] = 306,
        ["jpeg640_window5"] = 268,
    };
    private const double ReferenceDecodePerS = 684, ReferenceCores = 2;

    private readonly Option<string?> _dataset = SharedOptions.Dataset();
    private readonly Option<string?> _case = new("--case") { Description = "only this case", HelpName = "NAME" };
    private readonly Option<int?> _workers = new("--workers") { Description = "threads; by default one per processor", HelpName = "N" };
    private readonly Option<bool> _memory = new("--memory") { Description = "instead: memory of the mixture of 31 datasets over many frames" };
    private readonly Option<long> _frames = new("--frames") { Description = "how many, with --memory", HelpName = "N", DefaultValueFactory = _ => 1_000_000 };
    private readonly Option<bool> _shuffle = new("--shuffle") { Description = "instead: how random the shuffle is" };
    private readonly Option<bool> _child = new("--child") { Hidden = true };

    public BenchDataVerb() : base("data", "measures the data pipeline: reading, decoding, augmenting, shuffling", "./crossformer bench data --dataset ../shared/data/bridge")
    {
        _case.AcceptOnlyFromAmong([.. Reference.Keys]);
        foreach (var option in (ReadOnlySpan<Option>)[_dataset, _case, _workers, _memory, _frames, _shuffle, _child])
            Add(option);
    }

    protected override async Task<VerbResult> RunAsync(ParseResult arguments, Terminal terminal, CancellationToken cancellation)
    {
        if (arguments.GetValue(_memory) || arguments.GetValue(_shuffle))
        {
            return await InTemporaryFolder<VerbResult>(folder => Task.Run<VerbResult>(
                () => arguments.GetValue(_memory) ? new MemoryResult(MixtureMemory.Run(folder, arguments.GetValue(_frames), terminal.Note)) : new ShuffleResult(ShuffleQuality.Run(folder)), cancellation));
        }

        var (folder, workers) = (SharedOptions.DatasetFolder(arguments.GetValue(_dataset)), arguments.GetValue(_workers) ?? Environment.ProcessorCount);
        if (arguments.GetValue(_child))
            return new CaseResult(DataBenchmark.Run(folder, Window(arguments.GetValue(_case)!), workers));

        return await InTemporaryFolder<VerbResult>(async temporary =>
        {
            terminal.Note("scaling the dataset's frames to 640x480");
            var scaled = ScaledDataset.Write(RldsDataset.Open(folder), Camera, temporary);
            var reader = DataBenchmark.Read(scaled);
            var (decode, cases) = (DataBenchmark.DecodePerSecond(scaled, Camera), new OrderedDictionary<string, Case>());
            foreach (var (name, reference) in Reference)
            {
                if (arguments.GetValue(_case) is { } only && only != name)
                    continue;
                terminal.Note($"measuring {name}");
                var times = (await MeasuringProcess.RunAsync<CaseResult>(
                    ["bench", "data", "--json", "--child", "--case", name, "--workers", workers.ToString(), "--dataset", name.StartsWith("jpeg640", StringComparison.Ordinal) ? scaled : folder],
                    cancellation)).Times;
                decode = Math.Max(decode, DataBenchmark.DecodePerSecond(scaled, Camera));
                cases.Add(name, new Case(times, reference));
            }

            foreach (var (_, result) in cases)
            {
                var scale = ReferenceDecodePerS / decode * ReferenceCores / result.ReferenceImagesPerS;
                (result.Speedup, result.SpeedupPerCpu) = (result.ImagesPerS / Environment.ProcessorCount * scale, result.ImagesPerCpuS * scale);
            }

            return new Result(Environment.ProcessorCount, decode, cases, cases.Max(c => c.Value.PeakMib), reader);
        });
    }

    private static async Task<T> InTemporaryFolder<T>(Func<string, Task<T>> work)
    {
        var folder = Directory.CreateTempSubdirectory("crossformer-bench-").FullName;
        try
        {
            return await work(folder);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static int Window(string name) => name[^1] - '0';

    private sealed record CaseResult(DataTimes Times) : VerbResult
    {
        public override void WriteText(IAnsiConsole console) => console.WriteLine(Times.ToString());
    }

    private sealed record MemoryResult(MemoryCurve Memory) : VerbResult
    {
        public override void WriteText(IAnsiConsole console)
        {
            console.WriteLine(
                $"{Memory.Datasets} datasets of {Memory.DatasetsMib:f0} MiB, budget {Memory.BudgetMib:f0} MiB, a batch {Memory.BatchMib:f1} MiB; {Memory.FramesPerS:f0} frames/s; peak {Memory.PeakMib:f0} MiB.");
            var table = Terminal.NewTable(console, "frames", "resident MiB", "managed MiB");
            foreach (var point in Memory.Curve)
                table.AddRow($"{point.Frames}", $"{point.ResidentMib:f0}", $"{point.ManagedMib:f0}");
            console.Write(table);
        }
    }

    private sealed record ShuffleResult(ShuffleMeasures Shuffle) : VerbResult
    {
        public override void WriteText(IAnsiConsole console)
        {
            console.WriteLine($"Memory {Shuffle.BudgetMib:f0} MiB, in which the reference's buffer holds {Shuffle.ReferenceBufferFrames} frames. Distances in epochs.");
            var table = Terminal.NewTable(console, "", "displacement", "neighbours apart", "same-episode pairs in a batch of 256");
            foreach (var (name, m) in new[] { ("loader", Shuffle.Loader), ("reference", Shuffle.Reference), ("perfect", Shuffle.Perfect) })
                table.AddRow(name, $"{m.Displacement:f3}", $"{m.NeighbourDistance:f4}", $"{m.SameEpisodePairs:f0}");
            console.Write(table);
        }
    }

    private sealed record Case(
        double ImagesPerS, double SamplesPerS, double ImagesPerCpuS, double AllocatedBytesPerImage, int Pauses, double LongestPauseMs, double PeakMib, StageShares Shares,
        double ReferenceImagesPerS)
    {
        public Case(DataTimes times, double reference)
            : this(times.ImagesPerS, times.SamplesPerS, times.ImagesPerCpuS, times.AllocatedBytesPerImage, times.Pauses, times.LongestPauseMs, times.PeakMib, times.Shares, reference)
        {
        }

        public double Speedup { get; set; }

        // By processor time: what remains of the speed-up when nothing else runs on the machine.
        public double SpeedupPerCpu { get; set; }
    }

    private sealed record Result(int Cores, double DecodePerSOneThread, OrderedDictionary<string, Case> Cases, double PeakMib, ReaderTimes Reader) : VerbResult
    {
        public override void WriteText(IAnsiConsole console)
        {
            console.WriteLine($"{Cores} cores; one thread decodes {DecodePerSOneThread:f0} JPEG files of 640x480 a second.");
            console.WriteLine($"Records: {Reader.RecordsPerS:f0}/s, {Reader.MbPerS:f0} MB/s; the files alone {Reader.PageCacheMbPerS:f0} MB/s, CRC-32C alone {Reader.ChecksumMbPerS:f0} MB/s.");
            var table = Terminal.NewTable(console, "case", "images/s", "speed-up", "per cpu s", "speed-up", "read", "decode", "resize", "augment", "copy", "B/image", "longest pause ms", "peak MiB");
            foreach (var (name, c) in Cases)
            {
                table.AddRow(
                    name, $"{c.ImagesPerS:f0}", $"{c.Speedup:f1}x", $"{c.ImagesPerCpuS:f0}", $"{c.SpeedupPerCpu:f1}x", $"{c.Shares.Reading:p0}", $"{c.Shares.Decoding:p0}", $"{c.Shares.Resizing:p0}",
                    $"{c.Shares.Augmenting:p0}", $"{c.Shares.Copying:p0}", $"{c.AllocatedBytesPerImage:f0}", $"{c.LongestPauseMs:f1}", $"{c.PeakMib:f0}");
            }

            console.Write(table);
            console.WriteLine("Images: window + 1 a sample, blank goals included. Speed-up: over TensorFlow on two cores, scaled by cores and the speed of decoding; by the clock, and by processor time (what is left when nothing else runs).");
        }
    }
}
