using System.Text;
using System.Text.Json.Nodes;
using CrossFormer.Arrays;
using CrossFormer.Data.Conversion;
using CrossFormer.Data.Rlds;
using CrossFormer.Images;
using CrossFormer.Testing;

namespace CrossFormer.Data.Tests.Conversion;

/// <summary>The same short episodes in every form, written by another toolchain, as RLDS and back.</summary>
[Trait(Goldens.Category, Goldens.Reference)]
public sealed class ForeignGoldenTests
{
    // Of lossy frames, which ffmpeg and Pillow themselves brought back within 4.
    private const double PixelTolerance = 8;

    private static readonly IReadOnlyDictionary<string, NdArray> Expected = Goldens.Arrays("foreign", "expected.npz");

    [Theory]
    [InlineData("lerobot_v21", EpisodeFormat.LeRobot)]
    [InlineData("lerobot_v21_images", EpisodeFormat.LeRobot)]
    [InlineData("lerobot_v30", EpisodeFormat.LeRobot)]
    [InlineData("lerobot_v30_split", EpisodeFormat.LeRobot)]
    [InlineData("folder", EpisodeFormat.Folder)]
    [InlineData("aloha", EpisodeFormat.Aloha)]
    [InlineData("robomimic.hdf5", EpisodeFormat.Robomimic)]
    [InlineData("libero.hdf5", EpisodeFormat.Libero)]
    public void EveryForm_BecomesTheSameEpisodes(string name, EpisodeFormat format)
    {
        var path = Goldens.File("foreign", name);
        Assert.Equal(format, EpisodeSources.Detect(path));
        using var target = new TemporaryFolder();
        using var source = EpisodeSources.Open(path);

        var options = new ConversionOptions { Images = new ImageStorage { Format = ImageFormat.Png } };
        var dataset = RldsDataset.Open(EpisodeConverter.Convert(source, target.Path, new RldsDatasetInfo("converted"), options, cancellation: TestContext.Current.CancellationToken));

        var key = Path.GetFileNameWithoutExtension(name);
        var expected = Goldens.Json("foreign", "expected.json")["formats"]![key]!.AsArray();
        var episodes = source.Episodes.Select((entry, i) => (entry, i)).GroupBy(e => e.entry.Split)
            .SelectMany(split => split.Zip(dataset.ReadEpisodes(split.Key))).OrderBy(e => e.First.i).Select(e => e.Second).ToList();
        Assert.Equal(expected.Count, episodes.Count);
        foreach (var (entry, episode) in expected.Zip(episodes))
            Compare($"{key}.ep{entry!["episode"]}", entry, episode);
    }

    private static void Compare(string key, JsonNode expected, RldsEpisode episode)
    {
        Assert.Equal(expected["length"]!.GetValue<int>(), episode.StepCount);
        var steps = episode.Steps;
        AssertNumbers(key, "action", steps, "action");
        foreach (var name in new[] { "state", "qvel", "effort", "joint_states" })
            AssertNumbers(key, name, steps, $"observation/{name}");
        AssertNumbers(key, "timestamp", steps, "timestamp");
        AssertNumbers(key, "rewards", steps, "reward");
        foreach (var name in Expected.Keys.Where(k => k.StartsWith($"{key}.obs.", StringComparison.Ordinal)))
            AssertNumbers(key, name[(key.Length + 1)..], steps, $"observation/{name[(key.Length + 5)..]}");
        string[] texts = Expected.TryGetValue($"{key}.instructions", out var lines) ? Encoding.UTF8.GetString(lines.Bytes.Span).Split('\n') : [.. Enumerable.Repeat("", episode.StepCount)];
        Assert.Equal(texts, steps.Texts("language_instruction"));
        Assert.Equal(Enumerable.Range(0, episode.StepCount).Select(t => t == episode.StepCount - 1), steps.Array("is_last").AsSpan<bool>().ToArray());
        foreach (var camera in expected["cameras"]!.AsArray().Select(c => c!.GetValue<string>()))
            CompareFrames($"{key}.{camera}", steps.Images($"observation/{camera}"));
    }

    // Exact but for float64, which RLDS rounds to float32.
    private static void AssertNumbers(string key, string name, RldsColumns steps, string feature)
    {
        if (Expected.TryGetValue($"{key}.{name}", out var expected))
            Assert.Equal(expected.ToSingles(), steps.Array(feature).ToSingles());
    }

    private static void CompareFrames(string key, ImageColumn images)
    {
        var (mean, quadrants) = (Expected[$"{key}.mean"].ToDoubles(), Expected[$"{key}.quadrants"].ToDoubles());
        Expected.TryGetValue($"{key}.pixels", out var exact);
        for (var t = 0; t < images.Count; t++)
        {
            var frame = images.Decode(t);
            if (exact is not null)
                Assert.True(exact.Bytes.Span.Slice(t * frame.Count, frame.Count).SequenceEqual(frame.Bytes.Span), $"{key}, frame {t}");
            for (var c = 0; c < 3; c++)
                Assert.InRange(Mean(frame, 0, 1, 0, 1, c), mean[3 * t + c] - PixelTolerance, mean[3 * t + c] + PixelTolerance);
            for (var q = 0; q < 4; q++)
            {
                for (var c = 0; c < 3; c++)
                    Assert.InRange(Mean(frame, q / 2, 2, q % 2, 2, c), quadrants[12 * t + 3 * q + c] - PixelTolerance, quadrants[12 * t + 3 * q + c] + PixelTolerance);
            }
        }

        Assert.Equal(mean.Length / 3, images.Count);
    }

    // Of the part (row, column) of rows x columns parts.
    private static double Mean(NdArray frame, int row, int rows, int column, int columns, int channel)
    {
        var (h, w, sum) = (frame.Shape[0], frame.Shape[1], 0.0);
        var pixels = frame.AsSpan<byte>();
        for (var y = row * h / rows; y < (row + 1) * h / rows; y++)
        {
            for (var x = column * w / columns; x < (column + 1) * w / columns; x++)
                sum += pixels[(y * w + x) * 3 + channel];
        }

        return sum * rows * columns / (h * w);
    }
}
