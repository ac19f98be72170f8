using System.Text.Json.Nodes;
using CrossFormer.Testing;

namespace CrossFormer.Cli.Tests.Verbs;

public sealed class SpecVerbTests
{
    [Fact]
    public async Task Json_TellsThePublishedModelWithoutItsParameters()
    {
        var run = await CommandRun.OfAsync("spec", Goldens.File("checkpoints", "full"), "--json");

        Assert.Equal(ExitCode.Done, run.ExitCode);
        Assert.Equal(129_749_155, run.Json["parameters"]!.GetValue<long>());
        Assert.Equal(5, run.Json["window_size"]!.GetValue<int>());
        Assert.Equal(
            [("bimanual", 100, 14), ("single_arm", 4, 7), ("nav", 4, 2), ("quadruped", 1, 12)],
            run.Json["heads"]!.AsObject().Select(h => (h.Key, h.Value!["action_horizon"]!.GetValue<int>(), h.Value["action_dim"]!.GetValue<int>())));
        Assert.Equal("[null,null,224,224,3]", run.Json["observations"]!["image_left_wrist"]!.ToJsonString());
        Assert.Equal("[null,null,59]", run.Json["observations"]!["proprio_quadruped"]!.ToJsonString());
        Assert.Equal("[null,512]", run.Json["tasks"]!["language_instruction"]!.ToJsonString());
        Assert.Contains("bridge_dataset", run.Json["datasets"]!.AsArray().Select(d => d!.GetValue<string>()));
    }

    [Fact]
    public async Task Text_NamesEveryInputAndHead()
    {
        var folder = Goldens.File("checkpoints", "full");
        var json = (await CommandRun.OfAsync("spec", folder, "--json")).Json;

        var run = await CommandRun.OfAsync("spec", folder);

        Assert.Equal(ExitCode.Done, run.ExitCode);
        Assert.DoesNotContain('│', run.Output);
        var subjects = new[] { "observations", "tasks", "heads" }.SelectMany(part => json[part]!.AsObject().Select(e => e.Key))
            .Concat(json["tokenizers"]!.AsArray().Select(t => t!["name"]!.GetValue<string>()));
        Assert.All(subjects, subject => Assert.Contains(run.Output.Split('\n'), line => line.StartsWith($"  {subject} ", StringComparison.Ordinal)));
        Assert.Contains("100 steps of 14 dimensions", run.Output);
    }

    [Theory]
    [InlineData("msgpack")]
    [InlineData("ocdbt")]
    [InlineData("zarr")]
    public async Task EveryForm_TellsTheSame(string form)
    {
        var run = await CommandRun.OfAsync("spec", Goldens.File("checkpoints", form), "--json");
        var expected = await CommandRun.OfAsync("spec", Goldens.File("checkpoints", "msgpack"), "--json");

        Assert.Equal(213_011, run.Json["parameters"]!.GetValue<long>());
        Assert.True(JsonNode.DeepEquals(expected.Json, run.Json));
    }

    [Theory]
    [InlineData("no/such/folder", "found nothing")]
    [InlineData("hf://crossformer", "hf://owner/name")]
    [InlineData("https://huggingface.co/rail-berkeley/crossformer", "hf://owner/name")]
    public async Task WrongCheckpoint_IsOneLineThatSaysWhatWasExpected(string checkpoint, string expected)
    {
        var run = await CommandRun.OfAsync("spec", checkpoint);

        Assert.Equal(ExitCode.Failed, run.ExitCode);
        Assert.StartsWith("crossformer spec: Expected ", run.Error);
        Assert.Contains(expected, run.Error);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
    }
}
