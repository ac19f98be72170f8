using System.Text.Json.Nodes;
using CrossFormer.Configuration;
using CrossFormer.Testing;
using CrossFormer.Tests.Model;

namespace CrossFormer.Tests.Configuration;

/// <summary>A damaged <c>config.json</c> is read or refused with the format's own exception, never anything else.</summary>
public class DamagedConfigurationTests
{
    [Fact]
    public void Read_OfEveryTruncation_IsRefused()
    {
        var bytes = File.ReadAllBytes(Goldens.File("checkpoints", "msgpack", "config.json"));
        for (var length = 0; length < bytes.Length; length++)
            Assert.Throws<ConfigurationException>(() => Read(bytes.AsSpan(0, length)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Read_OfDamagedBytes_IsReadOrRefused(int damages)
    {
        var bytes = File.ReadAllBytes(Goldens.File("checkpoints", "full", "config.json"));
        var random = new Random(damages);
        var refused = 0;
        for (var i = 0; i < 4000; i++)
        {
            byte[] damaged = [.. bytes];
            for (var d = 0; d < damages; d++)
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            try
            {
                Read(damaged);
            }
            catch (ConfigurationException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 1, 3999);
    }

    [Theory]
    [InlineData("""{"model":{"model":1,"model":2}}""")]
    [InlineData("""{"model":"\ud800"}""")]
    [InlineData("[]")]
    [InlineData("null")]
    public void Read_OfStrangeJson_IsRefused(string json) => Assert.Throws<ConfigurationException>(() => Read(System.Text.Encoding.UTF8.GetBytes(json)));

    [Fact]
    public void Read_OfAHostilePattern_DoesNotHang()
    {
        var json = TinyModel.Configuration.ToJson();
        json["observation_tokenizers"]!["primary"]!["kwargs"]!["obs_stack_keys"] = new JsonArray("(a+)+$");
        var configuration = ModelConfiguration.Read(JsonNode.Parse(json.ToJsonString()));
        var shapes = TinyModel.Shapes with { Observations = new Dictionary<string, int[]>(TinyModel.Shapes.Observations) { [new string('a', 5000) + "b"] = [3] } };
        using var module = new CrossFormerModule(configuration, shapes);
        Assert.DoesNotContain(module.Transformer.ObservationTokenizers, t => t.Name == "obs_primary");
    }

    private static void Read(ReadOnlySpan<byte> utf8) => ModelConfiguration.Read(CrossFormerModel.ParseConfig(utf8, "config.json")["model"]);
}
