using System.CommandLine;
using System.Globalization;
using CrossFormer.Cli.Benchmarks;
using CrossFormer.Data.Rlds;
using CrossFormer.Reports;
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

    // What a mixture's memory is to stay below.
    private const double MemoryLimitMib = 2048;

    private readonly Option<string?> _dataset = SharedOptions.Dataset();
    private readonly Option<string?> _case = new("--case") { Description = "only this case", HelpName = "NAME" };
    private readonly Option<int?> _workers = new("--workers") { Description = "threads; by default one per processor", HelpName = "N" };
    private readonly Option<double> _seconds = new("--seconds") { Description = "how long each case is measured", HelpName = "S", DefaultValueFactory = _ => 6 };
    private readonly Option<bool> _memory = new("--memory") { Description = "instead: memory of the mixture of 31 datasets over many frames" };
    private readonly Option<long> _frames = new("--frames") { Description = "how many, with --memory", HelpName = "N", DefaultValueFactory = _ => 1_000_000 };
    private readonly Option<string?> _picture = new("--picture") { Description = "draw the memory over the frames as SVG, with --memory", HelpName = "FILE" };
    private readonly Option<bool> _shuffle = new("--shuffle") { Description = "instead: how random the shuffle is" };
    private readonly Option<bool> _child = new("--child") { Hidden = true };

    public BenchDataVerb() : base("data", "measures the data pipeline: reading, decoding, augmenting, shuffling", "./crossformer bench data --dataset ../shared/data/bridge")
    {
        _case.AcceptOnlyFromAmong([.. Reference.Keys]);
        foreach (var option in (ReadOnlySpan<Option>)[_dataset, _case, _workers, _seconds, _memory, _frames, _picture, _shuffle, _child])
            Add(option);
    }

    protected override async Task<VerbResult> RunAsync(ParseResult arguments, Terminal terminal, CancellationToken cancellation)
    {
        if (arguments.GetValue(_memory) || arguments.GetValue(_shuffle))
        {
            return await InTemporaryFolder<VerbResult>(folder => Task.Run<VerbResult>(
                () => arguments.GetValue(_memory) ? Memory(folder, arguments.GetValue(_frames), arguments.GetValue(_picture), terminal) : new ShuffleResult(ShuffleQuality.Run(folder)), cancellation));
        }

        var (folder, workers, seconds) = (SharedOptions.DatasetFolder(arguments.GetValue(_dataset)), arguments.GetValue(_workers) ?? Environment.ProcessorCount, arguments.GetValue(_seconds));
        if (arguments.GetValue(_child))
            return new CaseResult(DataBenchmark.Run(folder, Window(arguments.GetValue(_case)!), workers, seconds));

        return await InTemporaryFolder<VerbResult>(async temporary =>
        {
            terminal.Note("scaling the dataset's frames to 640x480");
            var scaled = ScaledDataset.Write(RldsDataset.Open(folder), Camera, temporary);
            var reader = DataBenchmark.Read(scaled);
            terminal.Note("comparing codecs");
            var codecs = CodecComparison.Run(scaled, Camera);
            var cases = new OrderedDictionary<string, Case>();
            foreach (var (name, reference) in Reference)
            {
                if (arguments.GetValue(_case) is { } only && only != name)
                    continue;
                terminal.Note($"measuring {name}");
                cases.Add(name, new Case(await RunAsync(name, workers), reference) { OneWorker = await RunAsync(name, 1) });
            }

            // The machine's speed at its best: again after the cases, for what else runs comes and goes.
            var decode = Math.Max(codecs.First().Value.DecodedPerS, CodecComparison.Run(scaled, Camera).First().Value.DecodedPerS);
            foreach (var (_, result) in cases)
            {
                var scale = ReferenceDecodePerS / decode * ReferenceCores / result.ReferenceImagesPerS;
                (result.Speedup, result.SpeedupPerCpu) = (result.ImagesPerS / Environment.ProcessorCount * scale, result.ImagesPerCpuS * scale);
            }

            return new Result(Environment.ProcessorCount, workers, decode, cases, cases.Max(c => c.Value.PeakMib), reader, codecs);

            async Task<DataTimes> RunAsync(string name, int threads) => (await MeasuringProcess.RunAsync<CaseResult>(
                [
                    "bench", "data", "--json", "--child", "--case", name, "--workers", $"{threads}", "--seconds", seconds.ToString("r", CultureInfo.InvariantCulture),
                    "--dataset", name.StartsWith("jpeg640", StringComparison.Ordinal) ? scaled : folder,
                ],
                cancellation)).Times;
        });
    }

    private static MemoryResult Memory(string folder, long frames, string? picture, Terminal terminal)
    {
        var memory = MixtureMemory.Run(folder, frames, terminal.Note);
        if (picture is not null)
        {
            CurvePicture.Save(
                picture, $"Memory of a mixture of {memory.Datasets} datasets, MiB",
                [new("resident", [.. memory.Curve.Select(p => (p.Frames / 1e6, p.ResidentMib))]), new("managed heap", [.. memory.Curve.Select(p => (p.Frames / 1e6, p.ManagedMib))])],
                "million frames", high: MemoryLimitMib);
        }

        return new MemoryResult(memory);
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

        public DataTimes? OneWorker { get; init; }
    }

    private sealed record Result(
        int Cores, int Workers, double DecodePerSOneThread, OrderedDictionary<string, Case> Cases, double PeakMib, ReaderTimes Reader, OrderedDictionary<string, CodecTimes> Codecs) : VerbResult
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
            var one = Terminal.NewTable(console, "one worker", "images/s", $"of {Workers} workers'", "per cpu s", "longest pause ms", "peak MiB");
            foreach (var (name, c) in Cases)
            {
                if (c.OneWorker is { } w)
                    one.AddRow(name, $"{w.ImagesPerS:f0}", $"{w.ImagesPerS / c.ImagesPerS:p0}", $"{w.ImagesPerCpuS:f0}", $"{w.LongestPauseMs:f1}", $"{w.PeakMib:f0}");
            }

            console.Write(one);
            var codecs = Terminal.NewTable(console, "codec", "files/s", "with resize", "mean levels", "max", "mean after resize", "max");
            foreach (var (name, c) in Codecs)
                codecs.AddRow(name, $"{c.DecodedPerS:f0}", $"{c.ResizedPerS:f0}", c.MeanLevels is { } mean ? $"{mean:f2}" : "-", $"{c.MaxLevels?.ToString() ?? "-"}", $"{c.ResizedMeanLevels:f2}", $"{c.ResizedMaxLevels}");
            console.Write(codecs);
            console.WriteLine("Images: window + 1 a sample, blank goals included. Speed-up: over TensorFlow on two cores, scaled by cores and the speed of decoding; by the clock, and by processor time (what is left when nothing else runs).");
        }
    }
}
