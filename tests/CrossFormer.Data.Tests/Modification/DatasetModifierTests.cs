using CrossFormer.Arrays;
using CrossFormer.Data.Conversion;
using CrossFormer.Data.Frames;
using CrossFormer.Data.Modification;
using CrossFormer.Data.Rlds;
using CrossFormer.Formats;
using CrossFormer.Images;
using CrossFormer.Testing;

namespace CrossFormer.Data.Tests.Modification;

public sealed class DatasetModifierTests : IDisposable
{
    private static readonly RldsFeature Color = RldsFeature.Image("observation/image", 80, 96, ImageFormat.Png) with { Description = "from above" };
    private static readonly RldsFeature Depth = RldsFeature.Image("observation/depth", 80, 96, ImageFormat.Png, channels: 1) with { DType = DType.UInt16 };
    private static readonly RldsFeature Raw = RldsFeature.Tensor("observation/raw", DType.UInt8, [64, 64, 3]);
    private static readonly RldsFeature Action = RldsFeature.Tensor("action", DType.Float32, [2]);
    private static readonly RldsFeature Success = RldsFeature.Tensor("success", DType.Bool, [], perStep: false);

    private readonly TemporaryFolder _folder = new();
    private readonly RldsDataset _source;

    public DatasetModifierTests() => _source = Write(6);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Resize_ChangesEveryImageAndKeepsEverythingElse()
    {
        var changed = Modify(new ModificationOptions { Images = new ImageStorage { Size = new ImageSize(32, 40), Format = ImageFormat.Png } });

        Assert.Equal(_source.Info.Description, changed.Info.Description);
        Assert.Equal("from above", changed.Features.Single(f => f.Name == Color.Name).Description);
        Assert.Equal(["[32,40,3]", "[32,40,1]", "[32,40,3]"], changed.Features.Take(3).Select(f => f.ToString()[f.ToString().IndexOf('[')..]));
        foreach (var (before, after) in _source.ReadEpisodes("train").Zip(changed.ReadEpisodes("train")))
        {
            for (var t = 0; t < before.StepCount; t++)
            {
                var color = LanczosResize.Resize(before.Steps.Images(Color.Name).Decode(t), 32, 40);
                Assert.Equal(color.Bytes.ToArray(), after.Steps.Images(Color.Name).Decode(t).Bytes.ToArray());
                var depth = DepthResize.Resize(NdArray.From(before.Steps.Images(Depth.Name).Decode(t).ToSingles(), 80, 96), 32, 40);
                Assert.Equal(depth.ToSingles().Select(d => (float)(ushort)d), after.Steps.Images(Depth.Name).Decode(t).ToSingles());
            }

            Assert.Equal([2, 32, 40, 3], after.Steps.Array(Raw.Name).Shape);
            Assert.Equal(before.Steps.Array("action").ToSingles(), after.Steps.Array("action").ToSingles());
        }

        Assert.Equal(_source.EpisodeCount("train"), changed.EpisodeCount("train"));
        Assert.Equal(_source.EpisodeCount("val"), changed.EpisodeCount("val"));
    }

    [Fact]
    public void Jpeg_IsStoredAtTheAskedQualityAndNamedInTheFeatures()
    {
        var changed = Modify(new ModificationOptions { Images = new ImageStorage { JpegQuality = 80 } });

        Assert.Equal(ImageFormat.Jpeg, changed.Features.Single(f => f.Name == Color.Name).ImageEncoding);
        var (before, after) = (_source.ReadEpisode("train", 0).Steps.Images(Color.Name), changed.ReadEpisode("train", 0).Steps.Images(Color.Name));
        Assert.Equal(ImageCodec.EncodeJpeg(before.Decode(1), 80), after.Encoded[1].ToArray());
    }

    [Fact]
    public void SuccessOnly_KeepsTheEpisodesThatSay()
    {
        var changed = Modify(new ModificationOptions { SuccessOnly = true });

        Assert.Equal([0f, 2, 4], changed.ReadEpisodes("train").Select(e => e.Steps.Array("action").ToSingles()[0]));
        var silent = Modify(new ModificationOptions { Drop = ["success"], Name = "silent" });
        Assert.Contains("does not say", Assert.Throws<ArgumentException>(() => Modify(silent, new ModificationOptions { SuccessOnly = true, Name = "other" })).Message);
    }

    [Fact]
    public void SwappedAndTurned_TwiceIsTheSame()
    {
        var options = new ModificationOptions { SwapRedBlue = ["image"], UpsideDown = ["observation/image"] };
        var once = Modify(options with { Name = "once" });
        var twice = Modify(once, options with { Name = "twice" });

        var (original, changed) = (_source.ReadEpisode("train", 0).Steps.Images(Color.Name).Decode(0), once.ReadEpisode("train", 0).Steps.Images(Color.Name).Decode(0));
        var (first, last) = (original.AsSpan<byte>()[..3].ToArray(), changed.AsSpan<byte>()[^3..].ToArray());
        Assert.Equal([first[2], first[1], first[0]], last);
        Assert.Equal(original.Bytes.ToArray(), twice.ReadEpisode("train", 0).Steps.Images(Color.Name).Decode(0).Bytes.ToArray());
    }

    [Fact]
    public void WithoutChanges_RecordsAreTheSameBytes()
    {
        var same = Modify(new ModificationOptions { Name = "same", Workers = 3 });

        Assert.Equal(_source.ReadEpisodes("all").Select(e => Convert.ToHexString(e.Record.Data.Span)), same.ReadEpisodes("all").Select(e => Convert.ToHexString(e.Record.Data.Span)));
    }

    [Fact]
    public void DroppedFeatures_AreGone()
    {
        var changed = Modify(new ModificationOptions { Drop = ["observation"] });

        Assert.Equal(["action", "success"], changed.Features.Select(f => f.Name));
        Assert.Contains("no feature 'nix'", Assert.Throws<ArgumentException>(() => Modify(new ModificationOptions { Drop = ["nix"] })).Message);
    }

    [Fact]
    public void AnInterruptedRun_GoesOnAndGivesTheSameBytes()
    {
        var options = new ModificationOptions { Images = new ImageStorage { Size = new ImageSize(16, 16) }, Workers = 2 };
        var whole = Modify(options with { Name = "whole" });

        using var cancellation = new CancellationTokenSource();
        var stopper = new Reports(p =>
        {
            if (p.Done == 3)
                cancellation.Cancel();
        });
        Assert.ThrowsAny<OperationCanceledException>(() => DatasetModifier.Modify(_source, _folder.Path, options with { Name = "broken" }, stopper, cancellation.Token));
        var first = new List<long>();
        var resumed = DatasetModifier.Modify(_source, _folder.Path, options with { Name = "broken" }, new Reports(p => first.Add(p.Done)), TestContext.Current.CancellationToken);

        Assert.InRange(first[0], 2, 8);
        Assert.Equal(whole.ReadEpisodes("all").Select(e => Convert.ToHexString(e.Record.Data.Span)), RldsDataset.Open(resumed).ReadEpisodes("all").Select(e => Convert.ToHexString(e.Record.Data.Span)));
    }

    [Fact]
    public void OtherOptions_DoNotContinueAnInterruptedRun()
    {
        using var cancellation = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() => DatasetModifier.Modify(
            _source, _folder.File("changed"), new ModificationOptions { Name = "broken" }, new Reports(_ => cancellation.Cancel()), cancellation.Token));
        Assert.Throws<InvalidOperationException>(() => Modify(new ModificationOptions { Name = "broken", SwapRedBlue = ["image"] }));
    }

    [Fact]
    public void TheSourceItself_IsNeverOverwritten()
    {
        var e = Assert.Throws<IOException>(() => DatasetModifier.Modify(_source, _folder.Path, new ModificationOptions { Overwrite = true }, cancellation: TestContext.Current.CancellationToken));
        Assert.Contains("is to be modified", e.Message);
    }

    [Fact]
    public void DamagedRecords_EndTheWorkOrAreCounted()
    {
        var shard = Directory.GetFiles(_source.Folder, "*-train.tfrecord-*").Single();
        var second = _source.ReadEpisode("train", 1).Record;
        using (var file = File.OpenWrite(shard))
        {
            file.Position = second.DataOffset + 5;
            file.WriteByte(0xEE);
        }

        Assert.Throws<CorruptFileException>(() => Modify(new ModificationOptions { Name = "strict" }));
        var skipped = new List<string>();
        var lenient = Modify(new ModificationOptions { Name = "lenient", OnSkipped = (what, _) => skipped.Add(what) });
        Assert.Equal(["1 of train"], skipped);
        Assert.Equal([0f, 2, 3, 4, 5], lenient.ReadEpisodes("train").Select(e => e.Steps.Array("action").ToSingles()[0]));
    }

    [Fact]
    public void ACacheOfStatistics_IsNotCarriedOver()
    {
        File.WriteAllText(Path.Combine(_source.Folder, "dataset_statistics_0123.json"), "{}");
        var changed = Modify(new ModificationOptions { Name = "changed" });
        Assert.DoesNotContain(Directory.EnumerateFiles(changed.Folder), f => f.Contains("statistics"));
    }

    [Fact]
    public void Bridge_ShrinksAndKeepsItsNumbers()
    {
        var bridge = RldsDataset.Open(Goldens.SharedPath("data", "bridge"));
        var small = Modify(bridge, new ModificationOptions { Images = new ImageStorage { Size = new ImageSize(32, 32) }, Drop = ["image_1", "image_2", "image_3"] });

        Assert.Equal(bridge.EpisodeCount("all"), small.EpisodeCount("all"));
        foreach (var (before, after) in bridge.ReadEpisodes("val[:3]").Zip(small.ReadEpisodes("val[:3]")))
        {
            Assert.Equal(before.Steps.Array("observation/state").ToSingles(), after.Steps.Array("observation/state").ToSingles());
            Assert.Equal(before.Steps.Texts("language_instruction"), after.Steps.Texts("language_instruction"));
            Assert.Equal([32, 32, 3], after.Steps.Images("observation/image_0").Decode(9).Shape);
        }
    }

    private RldsDataset Modify(ModificationOptions options) => Modify(_source, options);

    private RldsDataset Modify(RldsDataset source, ModificationOptions options) =>
        RldsDataset.Open(DatasetModifier.Modify(source, _folder.File("changed"), options, cancellation: TestContext.Current.CancellationToken));

    private RldsDataset Write(int episodes)
    {
        using var writer = RldsWriter.Open(_folder.Path, new RldsDatasetInfo("made") { Description = "made up" }, [Color, Depth, Raw, Action, Success]);
        for (var e = 0; e < episodes + 2; e++)
        {
            writer.Write(e < episodes ? "train" : "val",
            [
                new ImageColumn(Color, [.. Enumerable.Range(0, 2).Select(t => (ReadOnlyMemory<byte>)ImageCodec.EncodePng(Formula.Image($"{e}/{t}", 80, 96, 3)))]),
                new ImageColumn(Depth, [.. Enumerable.Range(0, 2).Select(t => (ReadOnlyMemory<byte>)ImageCodec.EncodePng(Millimetres(e, t)))]),
                new ArrayColumn(Raw, Formula.Image($"raw/{e}", 2, 64, 64, 3)),
                new ArrayColumn(Action, NdArray.From([e, 0f, e, 1], 2, 2)),
                new ArrayColumn(Success, NdArray.From([e % 2 == 0], [])),
            ]);
        }

        return RldsDataset.Open(writer.Complete());
    }

    private static NdArray Millimetres(int episode, int step)
    {
        var pixels = Formula.Image($"depth/{episode}/{step}", 80, 96).AsSpan<byte>();
        var values = new ushort[pixels.Length];
        for (var i = 0; i < values.Length; i++)
            values[i] = (ushort)(pixels[i] * 200);
        return NdArray.From(values, 80, 96, 1);
    }

    private sealed class Reports(Action<ConversionProgress> report) : IProgress<ConversionProgress>
    {
        public void Report(ConversionProgress value) => report(value);
    }
}
