using CrossFormer.Checkpoints.Hub;

namespace CrossFormer.Tests.Checkpoints.Hub;

public sealed class HubOptionsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Environment_MayBeEmpty()
    {
        var options = Read(("HOME", "/home/me"));

        Assert.Equal("https://huggingface.co/", options.Endpoint.ToString());
        Assert.Equal("/home/me/.cache/huggingface/hub", options.CacheFolder);
        Assert.Null(options.Token);
        Assert.False(options.IsOffline);
    }

    [Fact]
    public void CacheFolder_ComesFromTheNearestVariable()
    {
        (string, string)[] variables =
            [("HF_HUB_CACHE", "/a"), ("HUGGINGFACE_HUB_CACHE", "/b"), ("HF_HOME", "/c"), ("XDG_CACHE_HOME", "/d"), ("HOME", "/e")];

        Assert.Equal(
            ["/a", "/b", "/c/hub", "/d/huggingface/hub", "/e/.cache/huggingface/hub"],
            Enumerable.Range(0, variables.Length).Select(i => Read(variables[i..]).CacheFolder));
        Assert.Equal("/e/x/hub", Read(("HF_HOME", "~/x"), ("HOME", "/e")).CacheFolder);
    }

    [Fact]
    public void Token_ComesFromTheEnvironmentOrTheFile()
    {
        File.WriteAllText(_folder["token"], "from-file\n");
        File.WriteAllText(_folder["other"], "from-other-file");

        Assert.Equal("from-file", Read(("HF_HOME", _folder.Path)).Token);
        Assert.Equal("from-other-file", Read(("HF_HOME", _folder.Path), ("HF_TOKEN_PATH", _folder["other"])).Token);
        Assert.Equal("given", Read(("HF_HOME", _folder.Path), ("HF_TOKEN", " given ")).Token);
        Assert.Null(Read(("HF_HOME", _folder.Path), ("HF_TOKEN", "given"), ("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1")).Token);
        Assert.DoesNotContain("given", Read(("HF_TOKEN", "given")).ToString());
    }

    [Theory]
    [InlineData("1", true)]
    [InlineData("true", true)]
    [InlineData("Yes", true)]
    [InlineData("on", true)]
    [InlineData("0", false)]
    [InlineData("", false)]
    public void Offline_IsWhatPythonTakesForTrue(string value, bool expected) => Assert.Equal(expected, Read(("HF_HUB_OFFLINE", value)).IsOffline);

    [Fact]
    public void Endpoint_MustBeAnAddress()
    {
        Assert.Equal("https://mirror.example/hf", Read(("HF_ENDPOINT", "https://mirror.example/hf/")).Endpoint.ToString());
        Assert.Contains("HF_ENDPOINT", Assert.Throws<FormatException>(() => Read(("HF_ENDPOINT", "mirror.example"))).Message);
    }

    private static HubOptions Read(params (string Name, string Value)[] variables) =>
        HubOptions.FromEnvironment(name => Array.Find(variables, v => v.Name == name).Value);
}
