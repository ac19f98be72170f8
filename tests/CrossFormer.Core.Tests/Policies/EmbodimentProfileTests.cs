using System.Text;
using System.Text.RegularExpressions;
using CrossFormer.Arrays;
using CrossFormer.Policies;
using CrossFormer.Statistics;
using CrossFormer.Testing;
using CsCheck;

namespace CrossFormer.Core.Tests.Policies;

public partial class EmbodimentProfileTests
{
    private const string Small = """
        {"name": "r", "head": "h", "cameras": [{"key": "image_primary", "source": "cam", "height": 64, "width": 96}],
         "proprioception": [{"key": "proprio", "dimension": 3, "normalization": "bounds"}], "statistics": "s", "action_normalization": "normal",
         "actions": [{"name": "x", "unit": "m", "kind": "delta", "minimum": -1, "maximum": 2, "max_velocity": 0.5}],
         "control_rate": 5, "execution": {"strategy": "temporal_ensembling", "weight": 0.01}}
        """;

    // Horizon and dimension of the published heads: reference, scripts/configs/pretrain_config.py.
    [Theory]
    [InlineData("single_arm", 7, "bridge_dataset", 5, new[] { "image_primary" }, "")]
    [InlineData("bimanual", 14, "aloha_pen_uncap_diverse_dataset", 50, new[] { "image_high", "image_left_wrist", "image_right_wrist" }, "proprio_bimanual 14 None")]
    [InlineData("nav", 2, "omnimimic_gnm_dataset", 4, new[] { "image_nav" }, "")]
    [InlineData("quadruped", 12, "go1_real_dataset", 20, new string[0], "proprio_quadruped 59 Normal")]
    public void ShippedProfiles_DescribeThePublishedModel(string name, int actions, string statistics, double rate, string[] cameras, string proprioception)
    {
        var profile = EmbodimentProfile.Load(name);
        Assert.Equal((name, name, statistics, rate), (profile.Name, profile.Head, profile.Statistics, profile.ControlRate));
        Assert.Equal(actions, profile.Actions.Count);
        Assert.Equal(cameras, profile.Cameras.Select(c => c.Key));
        Assert.All(profile.Cameras, c => Assert.Equal((224, 224), (c.Height, c.Width)));
        Assert.Equal(proprioception, string.Join(';', profile.Proprioception.Select(p => $"{p.Key} {p.Dimension} {p.Normalization}")));
        Assert.Equal(Normalization.Normal, profile.ActionNormalization);
    }

    [Fact]
    [Trait(Goldens.Category, Goldens.Reference)]
    public void ShippedProfiles_FitTheReferencesStatistics()
    {
        var statistics = StatisticsCollection.Read(Goldens.File("checkpoints", "full", "dataset_statistics.json"));
        // Simulated robots have statistics of their own.
        string[] published = [.. EmbodimentProfile.ShippedNames.Where(n => !n.StartsWith("sim_", StringComparison.Ordinal))];
        Assert.Equal(["bimanual", "nav", "quadruped", "single_arm"], published);
        foreach (var name in published)
        {
            var profile = EmbodimentProfile.Load(name);
            Assert.Equal(profile.Actions.Count, statistics[profile.Statistics].Action.Dimension);
        }
    }

    [Fact]
    public void TheProfileInTheDocumentation_Loads()
    {
        var page = File.ReadAllText(Path.Combine(Goldens.Repository, "docs", "embodiments.md"));
        var profile = Parse(JsonBlock().Match(page).Groups[1].Value);
        Assert.Equal(("my_arm", 7), (profile.Name, profile.Actions.Count));

        var misspelt = Assert.Throws<EmbodimentProfileException>(() =>
            EmbodimentProfile.Parse(Encoding.UTF8.GetBytes(JsonBlock().Match(page).Groups[1].Value.Replace("0.03, \"maximum\"", "0.03, \"maximun\"")), "my_arm.jsonc"));
        Assert.Contains(misspelt.Message, page);
    }

    [Fact]
    public void Parse_ReadsEveryField()
    {
        var profile = Parse(Small);
        Assert.Equal(new CameraInput("image_primary", "cam", 64, 96), Assert.Single(profile.Cameras));
        Assert.Equal(new ProprioceptionInput("proprio", 3, Normalization.Bounds), Assert.Single(profile.Proprioception));
        Assert.Equal(new ActionDimension("x", "m", ActionKind.Delta, -1, 2, 0.5f), Assert.Single(profile.Actions));
        Assert.Equal(new ExecutionOptions(ExecutionStrategyKind.TemporalEnsembling, Weight: 0.01), profile.Execution);
        Assert.Equal((5, WindowPadding.RepeatFirst, TimeSpan.FromSeconds(0.2)), (profile.Window, profile.WindowPadding, profile.Period));
    }

    [Fact]
    public void Parse_ReadsAGrippersHysteresis() => Assert.Equal(
        new Hysteresis(0.25f, 0.75f), Parse(Small.Replace("0.5}]", "0.5, \"hysteresis\": {\"low\": 0.25, \"high\": 0.75}}]")).Actions[0].Hysteresis);

    [Theory]
    [InlineData("\"head\"", "\"haed\"", "$.head", "missing; found name, haed")]
    [InlineData("\"width\": 96", "\"width\": 96, \"fps\": 30", "$.cameras[0].fps", "unknown field; expected one of key, source, height, width")]
    [InlineData("\"max_velocity\"", "\"max_speed\"", "$.actions[0].max_speed", "unknown field")]
    [InlineData("\"temporal_ensembling\"", "\"whole_chunk\"", "$.execution.weight", "unknown field; expected one of strategy")]
    [InlineData("\"temporal_ensembling\"", "\"average\"", "$.execution.strategy", "expected one of \"whole_chunk\", \"receding_horizon\", \"temporal_ensembling\", found \"average\"")]
    [InlineData("\"height\": 64", "\"height\": 0", "$.cameras[0].height", "expected an integer from 1 to 8192, found 0")]
    [InlineData("\"height\": 64", "\"height\": 64.5", "$.cameras[0].height", "found 64.5")]
    [InlineData("\"dimension\": 3", "\"dimension\": \"3\"", "$.proprioception[0].dimension", "found \"3\"")]
    [InlineData("\"bounds\"", "\"z\"", "$.proprioception[0].normalization", "expected one of \"none\", \"normal\", \"bounds\", found \"z\"")]
    [InlineData("\"image_primary\"", "\"primary\"", "$.cameras[0].key", "such as \"image_primary\", found \"primary\"")]
    [InlineData("\"proprio\"", "\"image_x\"", "$.proprioception[0].key", "does not begin with \"image_\"")]
    [InlineData("\"control_rate\": 5", "\"control_rate\": 0", "$.control_rate", "expected a positive number, found 0")]
    [InlineData("\"control_rate\": 5", "\"control_rate\": 5000", "$.control_rate", "0.001 to 1000 Hz")]
    [InlineData("\"minimum\": -1", "\"minimum\": 3", "$.actions[0].minimum", "expected at most the maximum, 2, found 3")]
    [InlineData("0.5}]", "0.5, \"hysteresis\": {\"low\": 0, \"high\": 3}}]", "$.actions[0].hysteresis", "in this order, found -1, 0, 3, 2")]
    [InlineData("0.5}]", "0.5, \"hysteresis\": {\"low\": 0}}]", "$.actions[0].hysteresis.high", "missing; found low")]
    [InlineData("\"minimum\": -1", "\"hysteresis\": {\"low\": 0, \"high\": 1}", "$.actions[0].hysteresis", "expected minimum, low, high, maximum")]
    [InlineData("0.5}]", "-0.5}]", "$.actions[0].max_velocity", "expected a positive number, found -0.5")]
    [InlineData("0.5}]", "1e99}]", "$.actions[0].max_velocity", "expected a float32 number")]
    [InlineData("0.5}]", "0.5}, {\"name\": \"x\", \"unit\": \"m\", \"kind\": \"delta\"}]", "$.actions[1].name", "\"x\" stands here for the second time")]
    [InlineData("[{\"name\": \"x\", \"unit\": \"m\", \"kind\": \"delta\", \"minimum\": -1, \"maximum\": 2, \"max_velocity\": 0.5}]", "[]", "$.actions", "at least one action dimension")]
    [InlineData("\"name\": \"r\"", "\"name\": \"\"", "$.name", "a text that is not empty")]
    [InlineData("\"name\": \"r\"", "\"name\": \"\\ud800\"", "$", "not a valid JSON text")]
    [InlineData("\"name\": \"r\"", "\"name\": \"r\", \"name\": \"s\"", "$", "not a valid JSON text")]
    [InlineData("{\"strategy\"", "[\"strategy\"", "$.execution", "not a valid JSON text")]
    public void Parse_OfABadProfile_SaysWhereAndWhat(string good, string bad, string path, string problem)
    {
        Assert.Contains(good, Small);
        var error = Assert.Throws<EmbodimentProfileException>(() => Parse(Small.Replace(good, bad)));
        Assert.Contains(problem, error.Message);
        if (!problem.StartsWith("not a valid", StringComparison.Ordinal))
            Assert.Equal(path, error.JsonPath);
        Assert.Equal("p.jsonc", error.File);
    }

    [Fact]
    public void Parse_WithoutCameraAndProprioception_IsRefused()
    {
        var error = Assert.Throws<EmbodimentProfileException>(() => Parse(
            """{"name": "r", "head": "h", "statistics": "s", "action_normalization": "normal", "actions": [{"name": "x", "unit": "m", "kind": "delta"}], "control_rate": 5}"""));
        Assert.Equal("$", error.JsonPath);
        Assert.Contains("cameras or proprioception", error.Message);
    }

    [Fact]
    public void Parse_WithAnyByteChanged_ReadsOrRefuses_NothingElse() =>
        Gen.Select(Gen.Int[0, Small.Length - 1], Gen.Byte).Sample((i, b) =>
        {
            var text = Encoding.UTF8.GetBytes(Small);
            text[i] = b;
            try
            {
                EmbodimentProfile.Parse(text, "p.jsonc");
            }
            catch (EmbodimentProfileException)
            {
                // What is asked of it.
            }
        });

    [Fact]
    public void Load_OfAnUnknownName_NamesTheKnown()
    {
        var error = Assert.Throws<FileNotFoundException>(() => EmbodimentProfile.Load("hexapod"));
        Assert.Contains("'hexapod'", error.Message);
        Assert.Contains(string.Join(", ", EmbodimentProfile.ShippedNames), error.Message);
        Assert.Contains("/no/such/r.jsonc", Assert.Throws<FileNotFoundException>(() => EmbodimentProfile.Load("/no/such/r.jsonc")).Message);
    }

    [Fact]
    public void Load_TakesAPath()
    {
        var path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.jsonc");
        try
        {
            File.WriteAllText(path, Small, new UTF8Encoding(encoderShouldEmitUTF8Identifier: true));
            Assert.Equal("r", EmbodimentProfile.Load(path).Name);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Check_NamesWhatAnObservationLacks()
    {
        var profile = Parse(Small);
        var image = NdArray.Zeros(DType.UInt8, 4, 5, 3);
        profile.Check(Observe(("image_primary", image), ("proprio", NdArray.Zeros(DType.Float32, 3)), ("image_other", image)));
        profile.Check(new Observation(
            TimeSpan.Zero,
            new Dictionary<string, NdArray> { ["proprio"] = NdArray.Zeros(DType.Float32, 3) },
            new Dictionary<string, ReadOnlyMemory<byte>> { ["image_primary"] = new byte[] { 1 } }));
        Assert.Contains("'image_primary' is missing", Refused(("proprio", NdArray.Zeros(DType.Float32, 3))));
        Assert.Contains("got image_primary.", Refused(("image_primary", image)));
        Assert.Contains("expects float32[3], got float32[4]", Refused(("image_primary", image), ("proprio", NdArray.Zeros(DType.Float32, 4))));

        string Refused(params (string, NdArray)[] arrays) => Assert.Throws<ArgumentException>(() => profile.Check(Observe(arrays))).Message;
    }

    private static Observation Observe(params (string Key, NdArray Value)[] arrays) => new(TimeSpan.Zero, arrays.ToDictionary(a => a.Key, a => a.Value));

    private static EmbodimentProfile Parse(string json) => EmbodimentProfile.Parse(Encoding.UTF8.GetBytes(json), "p.jsonc");

    [GeneratedRegex("```jsonc\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex JsonBlock();
}
