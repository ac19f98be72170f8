using CrossFormer.Arrays;
using CrossFormer.Data.Rlds;
using CrossFormer.Data.Surveys;
using CrossFormer.Formats;
using CrossFormer.Images;
using CrossFormer.Testing;

namespace CrossFormer.Data.Tests.Surveys;

/// <summary>A survey counts what is there and names what is odd.</summary>
public sealed class DatasetSurveyTests
{
    private static readonly RldsFeature Camera = RldsFeature.Image("observation/front", 4, 4, ImageFormat.Png);
    private static readonly RldsFeature Action = RldsFeature.Tensor("action", DType.Float32, [3]);
    private static readonly RldsFeature Text = RldsFeature.Text("language_instruction");

    [Fact]
    public void Bridge_IsFullyCountedAndItsOdditiesAreNamed()
    {
        var dataset = RldsDataset.Open(Goldens.SharedPath("data", "bridge"));
        var survey = DatasetSurvey.Of(dataset, cancellation: TestContext.Current.CancellationToken);
        Assert.Equal([("train", 25, 25, 250L), ("val", 25, 25, 250L)], survey.Splits.Select(s => (s.Name, s.Promised, s.Episodes, s.Steps)));
        Assert.Equal(["action", "observation/state"], survey.Numbers.Select(n => n.Feature.Name));
        var actions = dataset.ReadEpisodes("all").SelectMany(e => e.Steps.Array("action").ToDoubles()).ToArray();
        Assert.Equal(actions.Where((_, i) => i % 7 == 2).Average(), survey.Numbers[0].Dimensions[2].Mean, 1e-9);
        Assert.Equal(["observation/image_0", "observation/image_1", "observation/image_2", "observation/image_3"], survey.Cameras.Select(c => c.Feature.Name));
        Assert.All(survey.Cameras, c => Assert.Equal((500, 10, 10), (c.Images, c.FirstFrames.Count, c.Film.Count)));
        Assert.Equal(50, survey.Instructions.Sum(i => i.Value));
        // True of these 50 episodes: the validation split is the training split in another order, the fourth camera was not there.
        Assert.Equal(["val: 25 episodes of 25 repeating one of train, byte for byte", "observation/image_3: black in all of 10 frames that were looked at"], survey.Findings);
    }

    [Fact]
    public void Findings_NameWhatToLookAtBeforeTraining()
    {
        using var folder = new TemporaryFolder();
        var large = ImageCodec.EncodePng(NdArray.From(Enumerable.Repeat((byte)200, 5 * 4 * 3).ToArray(), 5, 4, 3));
        var survey = DatasetSurvey.Of(Write(folder,
            Episode(3, t => [t, 0.5f, t == 1 ? float.NaN : t], "push"),
            Episode(3, t => [t, 0.5f, t == 1 ? float.NaN : t], "push"),
            Episode(1, t => [9, 0.5f, 9], ""),
            Episode(0, t => [0, 0, 0], "nothing"),
            Episode(2, t => [4, 0.5f, 4], "pull", large)), cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(
        [
            "train: 1 episode without any step",
            "train: 1 episode of a single step",
            "train: 1 episode repeating an earlier one, byte for byte",
            "language_instruction: empty in 1 of 5 episodes",
            "observation/front: features.json says 4x4; 1 episode of another size: 5x4",
            "action: 2 values are no finite float32 numbers",
            "action[1]: the same value at every step (0.5)",
        ], survey.Findings);
        Assert.Equal([new("push", 2), new("", 1), new("pull", 1)], survey.Instructions);
    }

    [Fact]
    public void Limit_ReadsTheBeginningOfEachSplit()
    {
        using var folder = new TemporaryFolder();
        var dataset = Write(folder, [.. Enumerable.Range(0, 9).Select(e => Episode(2, t => [e, t, 0], "push"))]);
        var survey = DatasetSurvey.Of(dataset, new SurveyOptions { EpisodesPerSplit = 4 }, cancellation: TestContext.Current.CancellationToken);
        Assert.Equal((9, 4, 8), (survey.Splits[0].Promised, survey.Splits[0].Episodes, survey.Splits[0].Steps));
        Assert.Equal([0, 1, 2, 3], survey.Cameras[0].FirstFrames.Select(f => f.Episode));
        Assert.Equal(3, survey.Numbers[0].Dimensions[0].Max);
    }

    [Fact]
    public void DamagedRecord_EndsTheSurveyOrIsCounted()
    {
        using var folder = new TemporaryFolder();
        var dataset = Write(folder, [.. Enumerable.Range(0, 5).Select(e => Episode(2, t => [e, t, 0], "push"))]);
        var shard = dataset.Splits[0].Files[0];
        var bytes = File.ReadAllBytes(shard);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(shard, bytes);
        Assert.Throws<CorruptFileException>(() => DatasetSurvey.Of(dataset, cancellation: TestContext.Current.CancellationToken));
        var survey = DatasetSurvey.Of(dataset, new SurveyOptions { Reading = new RldsReadOptions { SkipBad = true } }, cancellation: TestContext.Current.CancellationToken);
        Assert.Equal((1, 4, 5), (survey.Skipped, survey.Splits[0].Episodes, survey.Splits[0].Promised));
    }

    [Fact]
    public void DamagedImage_IsAFindingAndTheRestIsRead()
    {
        using var folder = new TemporaryFolder();
        byte[] broken = [.. ImageCodec.EncodePng(NdArray.From(new byte[48], 4, 4, 3)).AsSpan(0, 12)];
        var survey = DatasetSurvey.Of(Write(folder, Episode(2, t => [1, 2, t], "push", broken), Episode(2, t => [1, 2, t], "pull")), cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(2, survey.Splits[0].Episodes);
        Assert.Contains(survey.Findings, f => f.Contains("train 0: the first image of 'observation/front'", StringComparison.Ordinal));
    }

    private static RldsColumn[] Episode(int steps, Func<int, float[]> action, string instruction, byte[]? image = null)
    {
        image ??= ImageCodec.EncodePng(NdArray.From(Enumerable.Repeat((byte)200, 48).ToArray(), 4, 4, 3));
        return
        [
            new ImageColumn(Camera, [.. Enumerable.Repeat((ReadOnlyMemory<byte>)image, steps)]),
            new ArrayColumn(Action, NdArray.From([.. Enumerable.Range(0, steps).SelectMany(action)], steps, 3)),
            new BytesColumn(Text, [.. Enumerable.Repeat(instruction, steps)]),
        ];
    }

    private static RldsDataset Write(TemporaryFolder folder, params RldsColumn[][] episodes)
    {
        using var writer = RldsWriter.Open(folder.Path, new RldsDatasetInfo("small"), [Camera, Action, Text]);
        foreach (var episode in episodes)
            writer.Write("train", episode);
        return RldsDataset.Open(writer.Complete());
    }
}
