using System.Diagnostics;
using CrossFormer.Data.Rlds;
using CrossFormer.Images;

namespace CrossFormer.Cli.Benchmarks;

/// <summary>
/// The ways in which a JPEG file can be decoded, in one thread: how fast they are, and how far their pixels are from the exact ones.
/// </summary>
internal sealed class CodecComparison
{
    private const int Files = 32, Passes = 8, Side = 224;

    private static readonly (string Name, JpegMethod Method, bool Scaled)[] Codecs =
    [
        ("fast_dct", JpegMethod.Exact, false), ("accurate_dct", JpegMethod.AccurateDct, false), ("bundled", JpegMethod.Bundled, false), ("scaled", JpegMethod.Exact, true),
    ];

    private readonly ReadOnlyMemory<byte>[] _files;
    private readonly ImageHeader _header;

    private CodecComparison(ReadOnlyMemory<byte>[] files) => (_files, _header) = (files, ImageCodec.ReadHeader(files[0].Span));

    /// <summary>Compares all that this machine has; only the bundled codec where libjpeg-turbo is absent, for then nothing is exact.</summary>
    /// <param name="folder">A dataset whose images have one size, at least 224x224.</param>
    /// <param name="camera">The image feature.</param>
    public static OrderedDictionary<string, CodecTimes> Run(string folder, string camera)
    {
        var comparison = new CodecComparison([.. RldsDataset.Open(folder).ReadEpisodes("train").SelectMany(e => e.Steps.Images(camera).Encoded).Take(Files)]);
        var hasExact = ImageCodec.JpegCodecInUse.IsExact;
        return new(Codecs.Where(c => hasExact || c.Method == JpegMethod.Bundled).Select(c => KeyValuePair.Create(c.Name, comparison.Measure(c.Method, c.Scaled))));
    }

    private CodecTimes Measure(JpegMethod method, bool isScaled)
    {
        var eighths = isScaled ? _header.EighthsFor(Side, Side) : 8;
        var (whole, scaled) = (_header, _header.Scaled(eighths));
        byte[] pixels = new byte[scaled.Height * scaled.Width * 3], exact = new byte[whole.Height * whole.Width * 3];
        byte[] resized = new byte[Side * Side * 3], exactResized = new byte[resized.Length];
        var decoding = Seconds(file => Decode(file, pixels));
        var both = Seconds(file =>
        {
            Decode(file, pixels);
            Resize(pixels, scaled, resized);
        });

        var (levels, resizedLevels) = (new Deviation(), new Deviation());
        foreach (var file in _files)
        {
            ImageCodec.DecodeInto(file.Span, exact);
            Resize(exact, whole, exactResized);
            Decode(file.Span, pixels);
            Resize(pixels, scaled, resized);
            if (!isScaled)
                levels.Add(exact, pixels);
            resizedLevels.Add(exactResized, resized);
        }

        return new CodecTimes(
            _files.Length / decoding, _files.Length / both, isScaled ? null : levels.Mean, isScaled ? null : levels.Max, resizedLevels.Mean, resizedLevels.Max);

        void Decode(ReadOnlySpan<byte> file, byte[] into) => ImageCodec.DecodeInto(file, into, method: method, eighths: eighths);
    }

    private static void Resize(byte[] from, ImageHeader size, byte[] to) => LanczosResize.Resize(from, size.Height, size.Width, 3, to, Side, Side);

    // Every file's best time, for a file takes a millisecond or two: what else runs on the machine seldom hits it eight times.
    private double Seconds(Action<ReadOnlySpan<byte>> work)
    {
        var best = new double[_files.Length];
        Array.Fill(best, double.MaxValue);
        for (var pass = 0; pass < Passes; pass++)
        {
            for (var i = 0; i < best.Length; i++)
            {
                var start = Stopwatch.GetTimestamp();
                work(_files[i].Span);
                best[i] = Math.Min(best[i], Stopwatch.GetElapsedTime(start).TotalSeconds);
            }
        }

        return best.Sum();
    }

    private sealed class Deviation
    {
        private long _sum, _samples;

        public int Max { get; private set; }

        public double Mean => (double)_sum / _samples;

        public void Add(byte[] expected, byte[] found)
        {
            for (var i = 0; i < expected.Length; i++)
            {
                var levels = Math.Abs(expected[i] - found[i]);
                (_sum, Max) = (_sum + levels, Math.Max(Max, levels));
            }

            _samples += expected.Length;
        }
    }
}

/// <summary>One way of decoding, in one thread. Levels are of 255.</summary>
/// <param name="DecodedPerS">Files decoded a second.</param>
/// <param name="ResizedPerS">Files decoded and resized to 224x224 a second.</param>
/// <param name="MeanLevels">Mean distance of the decoded pixels from the exact ones; null where they have another size.</param>
/// <param name="MaxLevels">The largest.</param>
/// <param name="ResizedMeanLevels">The same after the resize.</param>
/// <param name="ResizedMaxLevels">The largest after the resize.</param>
internal sealed record CodecTimes(double DecodedPerS, double ResizedPerS, double? MeanLevels, int? MaxLevels, double ResizedMeanLevels, int ResizedMaxLevels);
