using CrossFormer.Arrays;
using CrossFormer.Data.Rlds;
using CrossFormer.Images;
using CrossFormer.Policies;
using CrossFormer.Statistics;

namespace CrossFormer.Data.Tests.Rlds;

public class EpisodeRecorderTests
{
    private static readonly EmbodimentProfile Robot = new()
    {
        Name = "robot",
        Head = "single_arm",
        Statistics = "none",
        ControlRate = 10,
        Cameras = [new CameraInput("image_primary", "top", 224, 224), new CameraInput("image_wrist", "wrist", 224, 224)],
        Proprioception = [new ProprioceptionInput("proprio_arm", 3, Normalization.None)],
        Actions = [new ActionDimension("x", "m"), new ActionDimension("y", "m")],
    };

    [Fact]
    public void WhatIsRecorded_IsPlayedBack()
    {
        using var target = new TemporaryFolder();
        using var recorder = new EpisodeRecorder(target.Path, "mine", Robot, new EpisodeRecorderOptions { ImageEncoding = ImageFormat.Png, MaxPendingImages = 1 });
        Record(recorder, "pick up the cup", 5, success: true, seed: 0);
        Record(recorder, "", 3, success: false, seed: 100);
        var dataset = RldsDataset.Open(recorder.Complete());

        var episode = dataset.ReadEpisode("train", 0);
        var steps = RecordedEpisode.Steps(episode, Robot);
        Assert.Equal(5, steps.Count);
        for (var t = 0; t < 5; t++)
        {
            var expected = Observe(t, 0);
            Assert.Equal(Math.Round(0.11 * t, 3), Math.Round(steps[t].Observation.Timestamp.TotalSeconds, 3));
            Assert.Equal(expected.Arrays["proprio_arm"].Bytes.ToArray(), steps[t].Observation.Arrays["proprio_arm"].Bytes.ToArray());
            Assert.Equal([t, -t], steps[t].Action);
            foreach (var camera in new[] { "image_primary", "image_wrist" })
                Assert.Equal(Pixels(expected, camera), ImageCodec.Decode(steps[t].Observation.EncodedImages[camera].Span).Bytes.ToArray());
        }

        Assert.Equal("pick up the cup", RecordedEpisode.Instruction(episode));
        Assert.Equal([0, 0, 0, 0, 1], episode.Steps.Array("reward").ToSingles());
        Assert.Equal([true, false, false, false, false], episode.Steps.Array("is_first").AsSpan<bool>().ToArray());
        Assert.Equal([false, false, false, false, true], episode.Steps.Array("is_terminal").AsSpan<bool>().ToArray());
        Assert.True(episode.Metadata.Array("episode_metadata/success").AsSpan<bool>()[0]);
        var failed = dataset.ReadEpisode("train", 1);
        Assert.Equal([0, 0, 0], failed.Steps.Array("reward").ToSingles());
        Assert.Null(RecordedEpisode.Instruction(failed));
    }

    [Fact]
    public void Jpeg_IsTheDefaultAndFilesAreKept()
    {
        using var target = new TemporaryFolder();
        using var recorder = new EpisodeRecorder(target.Path, "mine", Robot);
        Record(recorder, "go", 2, success: true, seed: 0);
        var episode = RldsDataset.Open(recorder.Complete()).ReadEpisode("train", 0);

        Assert.Equal(ImageFormat.Jpeg, ImageCodec.Sniff(episode.Steps.Images("observation/top").Encoded[0].Span));
        Assert.Equal(Observe(1, 0).EncodedImages["image_wrist"].ToArray(), episode.Steps.Images("observation/wrist").Encoded[1].ToArray());
    }

    [Fact]
    public void EndedEpisodes_SurviveACrash()
    {
        using var target = new TemporaryFolder();
        using (var recorder = new EpisodeRecorder(target.Path, "mine", Robot))
        {
            Record(recorder, "first", 2, success: true, seed: 0);
            Record(recorder, "second", 2, success: true, seed: 50);
            recorder.Begin("lost");
            recorder.Record(Observe(0, 0), [0, 0]);
        }

        using var again = new EpisodeRecorder(target.Path, "mine", Robot);
        Record(again, "third", 2, success: true, seed: 0);
        Assert.Equal(3, again.EpisodeCount);
        Assert.Equal(["first", "second", "third"], RldsDataset.Open(again.Complete()).ReadEpisodes("train").Select(RecordedEpisode.Instruction));
    }

    [Fact]
    public void ADiscardedEpisode_LeavesNoTrace()
    {
        using var target = new TemporaryFolder();
        using var recorder = new EpisodeRecorder(target.Path, "mine", Robot);
        recorder.Begin("wrong");
        recorder.Record(Observe(0, 0), [0, 0]);
        recorder.Discard();
        Record(recorder, "right", 2, success: true, seed: 0);
        Assert.Equal(["right"], RldsDataset.Open(recorder.Complete()).ReadEpisodes("train").Select(RecordedEpisode.Instruction));
    }

    [Fact]
    public void Misuse_IsNamed()
    {
        using var target = new TemporaryFolder();
        using var recorder = new EpisodeRecorder(target.Path, "mine", Robot);
        Assert.Contains("Begin", Assert.Throws<InvalidOperationException>(() => recorder.Record(Observe(0, 0), [0, 0])).Message);
        Assert.Throws<InvalidOperationException>(() => recorder.End(true));
        Assert.Throws<InvalidOperationException>(recorder.Complete);
        recorder.Begin("go");
        Assert.Throws<InvalidOperationException>(() => recorder.Begin("again"));
        Assert.Contains("expects 2 values, got 3", Assert.Throws<ArgumentException>(() => recorder.Record(Observe(0, 0), [0, 0, 0])).Message);
        Assert.Contains("image_wrist", Assert.Throws<ArgumentException>(() => recorder.Record(new Observation(default, Observe(0, 0).Arrays), [0, 0])).Message);
        recorder.Record(Observe(0, 0), [0, 0]);
        Assert.Contains("4x7 pixels, the first frame had 6x8", Assert.Throws<ArgumentException>(() => recorder.Record(Observe(1, 0, 4, 7), [0, 0])).Message);
        Assert.Throws<InvalidOperationException>(recorder.Complete);
    }

    private static void Record(EpisodeRecorder recorder, string instruction, int steps, bool success, int seed)
    {
        recorder.Begin(instruction);
        for (var t = 0; t < steps; t++)
            recorder.Record(Observe(t, seed), [t, -t]);
        recorder.End(success);
    }

    private static Observation Observe(int t, int seed, int height = 6, int width = 8) => new(
        TimeSpan.FromSeconds(1000 + 0.11 * t),
        new Dictionary<string, NdArray>
        {
            ["image_primary"] = Formula.Image($"top{seed}/{t}", height, width, 3),
            ["proprio_arm"] = NdArray.From([seed, t, 0.5f], 3),
        },
        new Dictionary<string, ReadOnlyMemory<byte>> { ["image_wrist"] = ImageCodec.EncodePng(Formula.Image($"wrist{seed}/{t}", 5, 5, 3)) });

    private static byte[] Pixels(Observation observation, string key) =>
        observation.Arrays.TryGetValue(key, out var pixels) ? pixels.Bytes.ToArray() : ImageCodec.Decode(observation.EncodedImages[key].Span).Bytes.ToArray();
}
