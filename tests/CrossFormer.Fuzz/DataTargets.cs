using System.Text;
using CrossFormer.Arrays;
using CrossFormer.Data.OpenX;
using CrossFormer.Data.Rlds;
using CrossFormer.Data.TfRecords;
using CrossFormer.Data.Trajectories;
using CrossFormer.Formats;
using CrossFormer.Images;
using CrossFormer.Statistics;
using CrossFormer.Testing;

namespace CrossFormer.Fuzz;

/// <summary>The readers of datasets, with seeds from the golden datasets of every feature kind.</summary>
/// <param name="folder">A folder for formats of several files.</param>
internal sealed class DataTargets(string folder)
{
    // An image's pixels may be so much larger than its file: 8192 x 8192 of them, four bytes each, of some hundred bytes.
    private const long Pixels = 4L << 20;

    public IReadOnlyList<FuzzTarget> All() => [TfRecordShard(), ExampleRecord(), Features(), Info(), OwnDataset(), EncodedImage(), Statistics()];

    private FuzzTarget TfRecordShard()
    {
        var (dataset, shard) = Copy("tfrecord");
        return new("tfrecord", [File.ReadAllBytes(shard)], bytes => ReadShard(dataset, shard, bytes, records: 2), FuzzTarget.Compressed);
    }

    // Damage under right checksums: what a broken writer leaves behind, and the only damage that gets to the parser.
    private FuzzTarget ExampleRecord()
    {
        var (dataset, shard) = Copy("example");
        var payloads = RldsDataset.Open(dataset).ReadEpisodes("train").Select(e => e.Record.Data.ToArray()).ToArray();
        return new("example", payloads, bytes =>
        {
            using var stream = new MemoryStream();
            new TfRecordWriter(stream).Write(bytes);
            ReadShard(dataset, shard, stream.ToArray(), records: 1);
        }, FuzzTarget.Compressed);
    }

    private FuzzTarget Features()
    {
        var (dataset, shard) = Copy("features");
        var path = Path.Combine(dataset, "features.json");
        return new("features-json", [File.ReadAllBytes(path)], bytes =>
        {
            File.WriteAllBytes(path, bytes);
            ReadAll(RldsDataset.Open(dataset), shard, records: 1);
        }, FuzzTarget.Compressed)
        { IsRefusal = IsCorruptOrUnsupported };
    }

    private FuzzTarget Info()
    {
        var (dataset, _) = Copy("info");
        var path = Path.Combine(dataset, "dataset_info.json");
        return new("dataset-info", [File.ReadAllBytes(path)], bytes =>
        {
            File.WriteAllBytes(path, bytes);
            var opened = RldsDataset.Open(dataset);
            foreach (var split in opened.Splits.Where(s => s.EpisodeCount > 0))
                opened.Slices(split.Name);
        }, FuzzTarget.Plain)
        { IsRefusal = e => IsCorruptOrUnsupported(e) || e is ArgumentException };
    }

    private static FuzzTarget OwnDataset()
    {
        var seeds = Directory.EnumerateFiles(Path.Combine(Goldens.Repository, "configs", "datasets"), "*.jsonc").Order().Select(File.ReadAllBytes)
            .Concat(OpenXDatasets.All.Select(d => Encoding.UTF8.GetBytes($$"""{"name":"{{d.Name}}","images":{"primary":"x"},"action_encoding":"eef_pos","transform":{{d.Transform.Name}}}"""))).ToArray();
        var episode = new Trajectory("fuzz", 2)
            .With("action", NdArray.Zeros(DType.Float32, 2, 14)).With("observation/state", NdArray.Zeros(DType.Float32, 2, 14))
            .With("language_instruction", TrajectoryTexts.Repeat("push", 2)).With("traj_metadata/episode_metadata/file_path", TrajectoryTexts.Repeat("/success/", 2));
        return new("dataset-file", seeds, bytes => DatasetFile.Parse(bytes, "fuzz").Transform.Apply(episode), FuzzTarget.Compressed)
        { IsRefusal = e => e is DatasetFileException or TransformException };
    }

    private static FuzzTarget EncodedImage()
    {
        var pixels = NdArray.From([.. Enumerable.Range(0, 24 * 16 * 3).Select(i => (byte)(i * 7))], 24, 16, 3);
        var seeds = new List<byte[]> { ImageCodec.EncodeJpeg(pixels), ImageCodec.EncodePng(pixels) };
        foreach (var (name, file) in Goldens.Arrays("data", "images.npz"))
        {
            if (file is { DType: DType.UInt8, Shape.Length: 1 } && ImageCodec.Sniff(file.Bytes.Span) != ImageFormat.Unknown && file.Count < 20_000)
                seeds.Add(file.Bytes.ToArray());
        }

        return new("image", seeds, bytes => ImageCodec.Decode(bytes), Pixels) { IsRefusal = IsCorruptOrUnsupported };
    }

    private static FuzzTarget Statistics()
    {
        var seeds = new[] { "msgpack", "full" }.Select(f => File.ReadAllBytes(Goldens.File("checkpoints", f, "dataset_statistics.json"))).Where(s => s.Length < 200_000).ToArray();
        return new("statistics", seeds, bytes => StatisticsCollection.Parse(bytes, "fuzz"), FuzzTarget.Plain);
    }

    private static bool IsCorruptOrUnsupported(Exception e) => e is CorruptFileException or NotSupportedException;

    private static void ReadShard(string dataset, string shard, byte[] bytes, int records)
    {
        File.WriteAllBytes(shard, bytes);
        ReadAll(RldsDataset.Open(dataset), shard, records);
    }

    private static void ReadAll(RldsDataset dataset, string shard, int records)
    {
        foreach (var episode in dataset.ReadSlice(new RldsShardSlice(shard, 0, records, records)))
        {
            foreach (var columns in (ReadOnlySpan<RldsColumns>)[episode.Steps, episode.Metadata])
            {
                foreach (var name in columns.Names)
                    Read(columns, name);
            }
        }
    }

    private static void Read(RldsColumns columns, string name)
    {
        try
        {
            if (columns[name] is ImageColumn { Count: > 0 } images)
                images.Decode(0);
        }
        catch (NotSupportedException)
        {
            // A class of features that is not read, or CMYK: the others go on.
        }
    }

    private (string Dataset, string Shard) Copy(string name)
    {
        var target = Directory.CreateDirectory(Path.Combine(folder, name, "kinds", "1.0.0")).FullName;
        foreach (var file in Directory.EnumerateFiles(Goldens.File("rlds", "kinds", "1.0.0")))
            File.WriteAllBytes(Path.Combine(target, Path.GetFileName(file)), File.ReadAllBytes(file));
        return (target, Path.Combine(target, "kinds-train.tfrecord-00000-of-00003"));
    }
}
