using System.Diagnostics;
using CrossFormer.Arrays;
using CrossFormer.Data.Conversion;
using CrossFormer.Data.Conversion.Hdf5;
using CrossFormer.Data.Rlds;
using CrossFormer.Images;
using CrossFormer.Testing;
using PureHDF;
using PureHDF.Filters;
using PureHDF.Selections;
using PureHDF.VOL.Native;

namespace CrossFormer.Data.Tests.Conversion;

/// <summary>Frames of HDF5 files in every layout in which recorders store them.</summary>
public sealed class Hdf5RowsTests(ITestOutputHelper output)
{
    public static TheoryData<string> Layouts => ["contiguous", "a frame a chunk", "chunks across frames", "chunks of whole frames", "one chunk", "gzip", "shuffled gzip with a checksum"];

    [Theory]
    [MemberData(nameof(Layouts))]
    public void Frames_AreThoseThatWereWritten(string layout)
    {
        using var folder = new TemporaryFolder();
        var pixels = Pixels(7, 10, 12);
        var path = Write(folder, pixels, layout);

        using var file = Hdf5File.Open(path);
        Assert.True(file.HoldsPixels("camera"));
        Assert.Equal(Enumerable.Range(0, 7).Select(t => Frame(pixels, t)), file.Pixels("camera").Select(f => f.Pixels!.Bytes.ToArray()));
        Assert.Equal(Enumerable.Range(0, 7).Select(t => Frame(pixels, t)), file.Files("camera").Select(f => Padded(f.File, pixels)));
    }

    [Theory]
    [InlineData("contiguous")]
    [InlineData("a frame a chunk")]
    [Trait(Goldens.Category, "Slow")]
    public void AFrameOf640x480_CostsMostlyItsEncoding(string layout)
    {
        const int Frames = 60, Few = 2;
        using var folder = new TemporaryFolder();
        var pixels = Pixels(Frames, 480, 640);
        var path = Write(folder, pixels, layout);
        var whole = Best(() =>
        {
            using var source = EpisodeSources.Open(folder.Path, EpisodeFormat.Aloha);
            EpisodeConverter.Convert(source, Path.Combine(folder.Path, "out"), new RldsDatasetInfo("speed"), new ConversionOptions { Overwrite = true });
        });
        var reading = Best(() =>
        {
            using var file = Hdf5File.Open(path);
            Assert.Equal(Frames, file.Pixels("observations/images/camera").Count());
        });
        var encoding = Best(() =>
        {
            for (var t = 0; t < Frames; t++)
                ImageCodec.EncodeJpeg(new NdArray(DType.UInt8, [480, 640, 3], Frame(pixels, t)));
        });
        var library = Best(() =>
        {
            using var file = H5File.OpenRead(path);
            for (var t = 0; t < Few; t++)
                file.Dataset("observations/images/camera").Read<byte[]>(new HyperslabSelection(4, [(ulong)t, 0, 0, 0], [1, 480, 640, 3]));
        }, times: 1) * Frames / Few;
        output.WriteLine($"{layout}, processor time a frame: convert {whole:f1} ms, of which reading {reading:f2} and JPEG {encoding:f2}; reading as the library does {library:f1} ms");

        static double Best(Action action, int times = 3) => Enumerable.Range(0, times).Min(_ =>
        {
            var before = Process.GetCurrentProcess().TotalProcessorTime;
            action();
            return (Process.GetCurrentProcess().TotalProcessorTime - before).TotalMilliseconds / Frames;
        });
    }

    private static byte[,,,] Pixels(int frames, int height, int width)
    {
        var pixels = new byte[frames, height, width, 3];
        var random = new Random(5);
        for (var t = 0; t < frames; t++)
        {
            for (var y = 0; y < height; y++)
            {
                for (var x = 0; x < width; x++)
                {
                    for (var c = 0; c < 3; c++)
                        pixels[t, y, x, c] = (byte)(60 + 80 * Math.Sin((x + t) / 37.0) * Math.Cos((y + 20 * c) / 23.0) + 80 + random.Next(8));
                }
            }
        }

        return pixels;
    }

    private static byte[] Frame(byte[,,,] pixels, int t)
    {
        var frame = new byte[pixels.Length / pixels.GetLength(0)];
        Buffer.BlockCopy(pixels, t * frame.Length, frame, 0, frame.Length);
        return frame;
    }

    private static byte[] Padded(ReadOnlyMemory<byte> file, byte[,,,] pixels) => [.. file.Span, .. new byte[pixels.Length / pixels.GetLength(0) - file.Length]];

    private static string Write(TemporaryFolder folder, byte[,,,] pixels, string layout)
    {
        uint frames = (uint)pixels.GetLength(0), height = (uint)pixels.GetLength(1), width = (uint)pixels.GetLength(2);
        (uint[]? Chunks, H5Filter[] Filters) storage = layout switch
        {
            "contiguous" => (null, []),
            "a frame a chunk" => ([1, height, width, 3], []),
            "chunks across frames" => ([3, height / 3 + 1, width / 3 + 1, 1], []),
            "chunks of whole frames" => ([2, height, width, 3], []),
            "one chunk" => ([frames, height, width, 3], []),
            "gzip" => ([frames / 2, height / 4, width / 4, 3], [DeflateFilter.Id]),
            "shuffled gzip with a checksum" => ([2, height / 3, width, 3], [ShuffleFilter.Id, DeflateFilter.Id, Fletcher32Filter.Id]),
            _ => throw new ArgumentOutOfRangeException(nameof(layout)),
        };
        var camera = new H5Dataset(pixels, chunks: storage.Chunks, datasetCreation: new H5DatasetCreation(Filters: [.. storage.Filters]));
        var path = Path.Combine(folder.Path, "episode_0.hdf5");
        new H5File
        {
            ["action"] = new float[frames, 7],
            ["camera"] = camera,
            ["observations"] = new H5Group { ["qpos"] = new float[frames, 7], ["images"] = new H5Group { ["camera"] = camera } },
        }.Write(path);
        return path;
    }
}
