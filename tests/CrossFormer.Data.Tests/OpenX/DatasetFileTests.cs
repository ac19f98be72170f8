using System.Text;
using System.Text.Json.Nodes;
using CrossFormer.Arrays;
using CrossFormer.Data.OpenX;
using CrossFormer.Data.Rlds;
using CrossFormer.Data.Trajectories;
using CrossFormer.Testing;

namespace CrossFormer.Data.Tests.OpenX;

/// <summary>A dataset of one's own is a small file: what it says is done, and what is wrong in it is told by its JSON path.</summary>
public sealed class DatasetFileTests
{
    private const string Least = """{ "name": "mine", "images": { "primary": "cam" }, "action_encoding": "eef_pos" }""";

    private static string Examples => Path.Combine(Goldens.Repository, "configs", "datasets");

    [Fact]
    public void Least_NeedsOnlyNameCamerasAndActions()
    {
        var dataset = Parse(Least);
        Assert.Equal("mine", dataset.Name);
        Assert.Equal([new ViewSource("primary", "cam")], dataset.Images);
        Assert.Equal([true, true, true, true, true, true, false], dataset.ActionMask);
        Assert.Equal("language_instruction", dataset.Language);
        Assert.Equal((StandardTransform.None.Name, null, TrajectoryOverrides.None), (dataset.Transform.Name, dataset.Filter, dataset.Overrides));
    }

    [Fact]
    public void Everything_IsRead()
    {
        var dataset = Parse("""
            {
              "name": "mine", "head": "single_arm", // a comment
              "images": { "primary": "cam", "nav": null }, "depth": { "primary": "depth" },
              "proprioception": { "arm": "joints", "quadruped": { "zeros": 46 } }, "proprioception_encoding": "joint",
              "action_encoding": "joint_pos", "normalize_action": [true, true, true, true, true, true, false, false],
              "language": "language_instruction*", "keep_if": { "column": "kind", "contains": "good" },
              "goals": "last", "max_goal_distance": 15, "keep_image_probability": 0.25, "window_size": 2,
              "transform": [{ "remove": "reward" }],
            }
            """);
        Assert.Equal("single_arm", dataset.Head);
        Assert.Equal([new ViewSource("primary", "cam"), new ViewSource("nav", null)], dataset.Images);
        Assert.Equal([new ViewSource("primary", "depth")], dataset.Depth);
        Assert.Equal([new ProprioceptionSource("arm", "joints", 0), new ProprioceptionSource("quadruped", null, 46)], dataset.Proprioception);
        Assert.Equal((ProprioceptionEncoding.Joint, ActionEncoding.JointPosition), (dataset.ProprioceptionEncoding, dataset.ActionEncoding));
        Assert.Equal([true, true, true, true, true, true, false, false], dataset.ActionMask);
        Assert.Equal("language_instruction*", dataset.Language);
        Assert.Equal(new TrajectoryOverrides { GoalsAreLast = true, MaxGoalDistance = 15, KeepImageProbability = 0.25, WindowSize = 2 }, dataset.Overrides);
        Assert.Equal("""[{"remove":"reward"}]""", dataset.Transform.Name);
        var episode = new Trajectory("mine", 1).With("kind", new TrajectoryTexts(["a good one"]));
        Assert.True(dataset.Filter!.Keep(episode));
        Assert.False(dataset.Filter.Keep(episode.With("kind", new TrajectoryTexts(["a bad one"]))));
    }

    // Every transform that the registry is written in survives a dataset file, so a file can say whatever they say.
    [Fact]
    public void Transforms_OfEveryKnownDatasetCanBeWrittenAsAFile()
    {
        foreach (var known in OpenXDatasets.All.SelectMany(d => new[] { (d.Name, d.Transform), (d.Name, Transform: d.CorrectedTransform ?? d.Transform) }))
        {
            var file = JsonNode.Parse(Least)!;
            file["transform"] = JsonNode.Parse(known.Transform.Name);
            Assert.Equal((known.Name, known.Transform.Name), (known.Name, Parse(file.ToJsonString()).Transform.Name));
        }
    }

    [Theory]
    [InlineData("""{ "slice": "x", "range": [1, 3] }""", new[] { 1f, 2, 5, 6 })]
    [InlineData("""{ "slice": "x", "range": [-1] }""", new[] { 3f, 7 })]
    [InlineData("""{ "slice": "x", "range": [0, -3] }""", new[] { 0f, 4 })]
    [InlineData("""{ "invert": { "slice": "x", "range": [3] } }""", new[] { -2f, -6 })]
    [InlineData("""{ "clip": { "slice": "x", "range": [0, 2] } }""", new[] { 0f, 1, 1, 1 })]
    [InlineData("""{ "binarize_gripper": "grip" }""", new[] { 1f, 0.5f })]
    [InlineData("""{ "gripper_state": "grip" }""", new[] { 0f, 0 })]
    [InlineData("""{ "step_difference": { "slice": "x", "range": [0, 1] } }""", new[] { 4f, 0 })]
    [InlineData("""{ "divide": { "slice": "x", "range": [2, 3] }, "by": 2 }""", new[] { 1f, 3 })]
    [InlineData("""{ "concatenate": ["grip", { "constant": 9, "width": 2 }] }""", new[] { 0.97f, 9, 9, 0.5f, 9, 9 })]
    [InlineData("""{ "first_of": ["nothing", "grip"] }""", new[] { 0.97f, 0.5f })]
    [InlineData("""{ "element": "x", "index": 2 }""", new[] { 2f, 6 })]
    public void Expression_ComputesWhatItSays(string expression, float[] expected)
    {
        var dataset = Parse($$"""{ "name": "mine", "images": {}, "normalize_action": [true], "transform": [{ "set": "action", "to": {{expression}} }] }""");
        var raw = new Trajectory("mine", 2).With("x", NdArray.From([0f, 1, 2, 3, 4, 5, 6, 7], 2, 4)).With("grip", NdArray.From([0.97f, 0.5f], 2));
        Assert.Equal(expected, dataset.Transform.Apply(raw).Numbers("action").ToSingles());
    }

    [Theory]
    [InlineData("""[1]""", "$", "expected an object")]
    [InlineData("""{ "images": {}, "action_encoding": "eef_pos" }""", "$", "'name' is missing")]
    [InlineData("""{ "name": "", "images": {}, "action_encoding": "eef_pos" }""", "$.name", "expected a text")]
    [InlineData("""{ "name": "a", "action_encoding": "eef_pos" }""", "$", "'images' is missing")]
    [InlineData("""{ "name": "a", "images": {} }""", "$", "expected 'action_encoding', or 'normalize_action'")]
    [InlineData("""{ "name": "a", "images": {}, "action_encoding": "eef" }""", "$.action_encoding", "\"eef_pos\"")]
    [InlineData("""{ "name": "a", "images": {}, "action_encoding": "eef_pos", "normalize_action": [true] }""", "$.normalize_action", "expected 7 entries")]
    [InlineData("""{ "name": "a", "images": {}, "normalize_action": [1] }""", "$.normalize_action[0]", "true or false")]
    [InlineData("""{ "name": "a", "images": { "primary": 3 }, "normalize_action": [true] }""", "$.images.primary", "a text or null, found 3")]
    [InlineData("""{ "name": "a", "images": {}, "normalize_action": [true], "pictures": 1 }""", "$.pictures", "unknown field")]
    [InlineData("""{ "name": "a", "images": {}, "normalize_action": [true], "proprioception": { "p": { "zero": 3 } } }""", "$.proprioception.p.zero", "unknown field")]
    [InlineData("""{ "name": "a", "images": {}, "normalize_action": [true], "keep_if": { "column": "c" } }""", "$.keep_if", "'contains' is missing")]
    [InlineData("""{ "name": "a", "images": {}, "normalize_action": [true], "keep_image_probability": 1.5 }""", "$.keep_image_probability", "a number from 0 to 1")]
    [InlineData("""{ "name": "a", "images": {}, "normalize_action": [true], "window_size": 0 }""", "$.window_size", "an integer from 1")]
    [InlineData("""{ "name": "a", "images": {}, "normalize_action": [true], "transform": [{ "set": "action" }] }""", "$.transform[0]", "'to' is missing")]
    [InlineData("""{ "name": "a", "images": {}, "normalize_action": [true], "transform": [{ "drop": "x" }] }""", "$.transform[0]", "one of set, rename")]
    [InlineData("""{ "name": "a", "images": {}, "normalize_action": [true], "transform": [{ "rename": "x", "to": "y", "why": 1 }] }""", "$.transform[0].why", "unknown field")]
    [InlineData("""{ "name": "a", "images": {}, "normalize_action": [true], "transform": [{ "set": "a", "to": { "concatenate": ["a", { "slice": "b", "range": [1, 2, 3] }] } }] }""", "$.transform[0].to.concatenate[1].range", "[first, end]")]
    [InlineData("""{ "name": "a", "images": {}, "normalize_action": [true], "transform": [{ "set": "a", "to": { "divide": "x", "by": 0 } }] }""", "$.transform[0].to.by", "other than 0")]
    [InlineData("""{ "name": "a", "images": {}, "normalize_action": [true], "transform": [{ "set": "a", "to": { "cosine": "x" } }] }""", "$.transform[0].to", "binarize_gripper")]
    [InlineData("""{ "name": "a", "images": {}, "normalize_action": [true], "transform": [{ "every_nth_step": 0 }] }""", "$.transform[0].every_nth_step", "an integer from 1")]
    [InlineData("""{ "name": "a", "name": "b" }""", "$", "no valid JSON")]
    public void Mistake_IsToldWithItsPath(string text, string path, string expected)
    {
        var error = Assert.Throws<DatasetFileException>(() => Parse(text));
        Assert.Equal(("mine.jsonc", path), (error.File, error.JsonPath));
        Assert.Contains(expected, error.Message);
    }

    // Both found by tests/CrossFormer.Fuzz: a name, and a value that is to be shown in an error.
    [Theory]
    [InlineData("{ \"name\": \"a\", \"images\": { \"?\": null }, \"normalize_action\": [true] }")]
    [InlineData("{ \"name\": { \"a\": \"?\" }, \"images\": {}, \"normalize_action\": [true] }")]
    public void Text_ThatIsNoUtf8IsRefused(string text)
    {
        var bytes = Encoding.ASCII.GetBytes(text);
        bytes[Array.IndexOf(bytes, (byte)'?')] = 0xFF;
        Assert.Contains("no valid UTF-8", Assert.Throws<DatasetFileException>(() => DatasetFile.Parse(bytes, "mine.jsonc")).Message);
    }

    [Fact]
    public void Expressions_AreNotNestedWithoutEnd()
    {
        var deep = string.Concat(Enumerable.Repeat("""{ "clip": """, 40)) + "\"x\"" + new string('}', 40);
        Assert.Contains("nested deeper than 32", Assert.Throws<DatasetFileException>(() => Parse($$"""{ "name": "a", "images": {}, "normalize_action": [true], "transform": [{ "set": "a", "to": {{deep}} }] }""")).Message);
    }

    [Fact]
    public void Transform_ThatDoesNotFitTellsStepColumnAndDataset()
    {
        var dataset = Parse("""{ "name": "mine", "images": {}, "normalize_action": [true], "transform": [{ "remove": "a" }, { "set": "action", "to": { "slice": "x", "range": [2, 9] } }] }""");
        var error = Assert.Throws<TransformException>(() => dataset.Transform.Apply(new Trajectory("mine", 1).With("x", NdArray.From([1f, 2, 3], 1, 3))));
        Assert.Contains("mine: step 2 of its transform", error.Message);
        Assert.Contains("3 wide", error.Message);
    }

    [Fact]
    public void Folder_RefusesTwoDatasetsOfOneName()
    {
        using var folder = new TemporaryFolder();
        folder.Write("a.jsonc", Encoding.UTF8.GetBytes(Least));
        folder.Write("b.json", Encoding.UTF8.GetBytes(Least));
        var error = Assert.Throws<DatasetFileException>(() => DatasetFile.ReadFolder(folder.Path));
        Assert.EndsWith("b.json", error.File);
        Assert.Equal("$.name", error.JsonPath);
    }

    [Fact]
    public void Examples_AreBridgeAlohaAndTheSimulatedRobots() => Assert.Equal(
        ["aloha_like", "bridge_like", "sim_bimanual", "sim_nav", "sim_quadcopter", "sim_quadruped", "sim_scara", "sim_single_arm"], DatasetFile.ReadFolder(Examples).Select(d => d.Name));

    [Fact]
    public void BridgeLikeExample_DoesToRealBridgeWhatTheRegistryDoes()
    {
        var folder = Goldens.SharedPath("data", "bridge");
        var (known, own) = (DatasetConfiguration.Find("bridge_dataset").Open(folder), DatasetConfiguration.Find(Path.Combine(Examples, "bridge_like.jsonc")).Open(folder));
        Assert.Equal((known.StandardizeName, known.LanguageKey), (own.StandardizeName, own.LanguageKey));
        Assert.Equal(known.ActionNormalizationMask, own.ActionNormalizationMask);
        var episode = known.Dataset.ReadEpisode("train", 0);
        var (a, b) = (Standard(known), Standard(own));
        Assert.Equal(a.Names.Order(), b.Names.Order());
        Assert.True(a.Numbers("action").Bytes.Span.SequenceEqual(b.Numbers("action").Bytes.Span));
        Assert.True(a.Images("observation/image_primary").Encoded[3].Span.SequenceEqual(b.Images("observation/image_primary").Encoded[3].Span));

        Trajectory Standard(DatasetSource source) => StandardForm.Apply(Trajectory.From(episode, source.Name), source, new RandomStream(0));
    }

    [Fact]
    public void AlohaLikeExample_FiltersThinsAndTurnsBothGrippers()
    {
        using var folder = new TemporaryFolder();
        var source = DatasetConfiguration.Find(Path.Combine(Examples, "aloha_like.jsonc")).Open(WriteAloha(folder));
        var episodes = source.Dataset.ReadEpisodes("train").Select(e => Trajectory.From(e, source.Name)).ToArray();
        Assert.Equal([true, false], episodes.Select(e => source.Filters.All(f => f.Keep(e))));
        var standard = StandardForm.Apply(episodes[0], source, new RandomStream(0));
        Assert.Equal(3, standard.Length);
        // Step 5 of the recording: every joint says 5; a gripper of 1 is closed, and 0 here.
        Assert.Equal([5, 5, 5, 5, 5, 5, 0, 5, 5, 5, 5, 5, 5, 0], standard.Numbers("action").ToSingles()[14..28]);
        Assert.Equal([.. Enumerable.Repeat(5f, 14)], standard.Numbers("observation/proprio_bimanual").ToSingles()[14..28]);
        Assert.Equal([3, 46], standard.Numbers("observation/proprio_quadruped").Shape);
        Assert.Equal(["high", "left_wrist", "right_wrist"], standard.Names.Where(n => n.StartsWith("observation/image_", StringComparison.Ordinal) && !standard.Images(n).Encoded[0].IsEmpty).Select(n => n["observation/image_".Length..]).Order());
        Assert.Equal([false, true], [source.ActionNormalizationMask![6], source.ActionNormalizationMask[7]]);
        Assert.Equal(0.5, source.KeepImageProbability);
    }

    [Fact]
    public void Find_TellsNamesFromFilesAndNamesWhatIsSpeltAlike()
    {
        Assert.Equal("kuka", DatasetConfiguration.Find("kuka").Name);
        Assert.Contains("bridge_dataset", Assert.Throws<KeyNotFoundException>(() => DatasetConfiguration.Find("bridge")).Message);
        Assert.Throws<FileNotFoundException>(() => DatasetConfiguration.Find("no_such.jsonc"));
    }

    [Fact]
    public void Views_ThatARobotLacksAreBlankAndUnknownOnesRefused()
    {
        var dataset = Parse(Least);
        Assert.Equal(DatasetConfiguration.CurrentViews.Order(), dataset.Resolve().Images.Select(i => i.View).Order());
        Assert.Equal("cam", Assert.Single(dataset.Resolve().Images, i => i.Source is not null).Source);
        Assert.Contains("'primery'", Assert.Throws<ArgumentException>(() => dataset.Resolve(new DatasetOptions { Views = ["primery"] })).Message);
    }

    [Fact]
    public void Transform_InCSharpStandsForStepsInAFile()
    {
        var dataset = Parse(Least) with
        {
            Transform = StandardTransform.From("halved actions 1", t => t.With("action", NdArray.From([.. t.Numbers("action").ToSingles().Select(v => v / 2)], t.Length, 2))),
        };
        Assert.Equal([1, 2], dataset.Transform.Apply(new Trajectory("mine", 1).With("action", NdArray.From([2f, 4], 1, 2))).Numbers("action").ToSingles());
        Assert.Equal("halved actions 1", dataset.Resolve().Transform.Name);
    }

    private static DatasetConfiguration Parse(string text) => DatasetFile.Parse(Encoding.UTF8.GetBytes(text), "mine.jsonc");

    // Two episodes of 11 steps, the first of them a success; at step t every joint and both grippers say t, at most 1 for grippers.
    private static string WriteAloha(TemporaryFolder folder)
    {
        RldsFeature[] cameras = [.. new[] { "cam_high", "cam_left_wrist", "cam_right_wrist" }.Select(c => RldsFeature.Image($"observation/{c}", 4, 4, Images.ImageFormat.Png))];
        var (state, action, text) = (RldsFeature.Tensor("observation/state", DType.Float32, [14]), RldsFeature.Tensor("action", DType.Float32, [14]), RldsFeature.Text("language_instruction"));
        var path = RldsFeature.Text("episode_metadata/file_path", perStep: false);
        using var writer = RldsWriter.Open(folder.Path, new RldsDatasetInfo("aloha_like"), [.. cameras, state, action, text, path]);
        foreach (var kind in (ReadOnlySpan<string>)["success", "failure"])
        {
            var values = NdArray.From([.. Enumerable.Range(0, 11).SelectMany(t => Enumerable.Repeat((float)t, 14))], 11, 14);
            var image = (ReadOnlyMemory<byte>)Mixtures.SmallDataset.Image(0, 0);
            writer.Write("train",
            [
                .. cameras.Select(c => new ImageColumn(c, [.. Enumerable.Repeat(image, 11)])),
                new ArrayColumn(state, values), new ArrayColumn(action, values), new BytesColumn(text, [.. Enumerable.Repeat("open", 11)]), new BytesColumn(path, [$"/data/{kind}/1"]),
            ]);
        }

        return writer.Complete();
    }
}
