using System.Text.Json.Nodes;
using CrossFormer.Cli.Doctor;
using CrossFormer.Cli.Tests.House;
using CrossFormer.Cli.Verbs;

namespace CrossFormer.Cli.Tests.Verbs;

public sealed class DoctorVerbTests
{
    [Fact]
    public async Task Json_HoldsEveryCheckWithItsVerdict()
    {
        var run = await CommandRun.OfAsync("doctor", "--json");

        var checks = run.Json["checks"]!.AsObject();
        Assert.Equal(
            ["amx", "avx2", "avx512_bf16", "avx512f", "cores", "cuda", "ffmpeg", "gl", "jpeg_codec", "libtorch", "memory", "mujoco", "onnx_runtime"],
            checks.Select(c => c.Key).Order());
        Assert.All(checks, c => Assert.NotEmpty(c.Value!["detail"]!.GetValue<string>()));
        Assert.Equal(checks.Any(c => c.Value!["required"]!.GetValue<bool>() && !c.Value["ok"]!.GetValue<bool>()) ? ExitCode.Failed : ExitCode.Done, run.ExitCode);
    }

    [Fact]
    public async Task LibTorch_LoadsWithTheWeakenedVersionNeed()
    {
        var run = await CommandRun.OfAsync("doctor", "--json");

        Assert.True(run.Json["checks"]!["libtorch"]!["ok"]!.GetValue<bool>(), run.Output);
        Assert.True(run.Json["checks"]!["onnx_runtime"]!["ok"]!.GetValue<bool>(), run.Output);
    }

    [Fact]
    public async Task Text_IsPlainWithOneLineForEachCheck()
    {
        var run = await CommandRun.OfAsync("doctor");

        Assert.DoesNotContain('\e', run.Output);
        Assert.DoesNotContain('│', run.Output);
        Assert.Equal(1, run.Output.Split('\n').Count(l => l.StartsWith("libtorch ", StringComparison.Ordinal)));
        Assert.Equal(1 + 13, run.Output.TrimEnd().Split('\n').Length);
    }

    [Fact]
    public async Task BrokenCodec_FailsWithTheCommandThatMendsIt()
    {
        var run = await ProcessRun.OfAsync(
            Path.Combine(AppContext.BaseDirectory, "CrossFormer.Cli"), ["doctor", "--json"], environment: [("CROSSFORMER_LIBTURBOJPEG", "/no/such/library")]);

        var codec = JsonNode.Parse(run.Output)!["checks"]!["jpeg_codec"]!;
        Assert.Equal(ExitCode.Failed, run.ExitCode);
        Assert.False(codec["ok"]!.GetValue<bool>());
        Assert.Contains("/no/such/library", codec["detail"]!.GetValue<string>());
        Assert.Equal("build/install-native.sh", codec["fix"]!.GetValue<string>());
    }

    // A library, but of something else.
    [Theory]
    [InlineData("mujoco", "CROSSFORMER_MUJOCO", "mj_version")]
    [InlineData("gl", "CROSSFORMER_OSMESA", "OSMesaMakeCurrent")]
    public async Task WrongLibrary_IsNamedWithWhatItLacks(string check, string variable, string lacking)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The library that is taken has this name on Linux.");
        var run = await ProcessRun.OfAsync(Path.Combine(AppContext.BaseDirectory, "CrossFormer.Cli"), ["doctor", "--json"], environment: [(variable, "libc.so.6")]);

        var found = JsonNode.Parse(run.Output)!["checks"]![check]!;
        Assert.False(found["ok"]!.GetValue<bool>());
        Assert.Contains(lacking, found["detail"]!.GetValue<string>());
    }

    [Fact]
    public async Task AbsentCodec_IsReplacedByTheBundledOne_WhichIsSaidOnStandardErrorAndInTheTable()
    {
        var run = await ProcessRun.OfAsync(
            Path.Combine(AppContext.BaseDirectory, "CrossFormer.Cli"), ["doctor", "--json"], environment: [("CROSSFORMER_LIBTURBOJPEG", "none")]);

        var codec = JsonNode.Parse(run.Output)!["checks"]!["jpeg_codec"]!;
        Assert.False(codec["ok"]!.GetValue<bool>());
        Assert.False(codec["required"]!.GetValue<bool>());
        Assert.Contains("SkiaSharp", codec["detail"]!.GetValue<string>());
        Assert.Equal("build/install-native.sh", codec["fix"]!.GetValue<string>());
        Assert.Single(run.Error.Split('\n'), l => l.StartsWith("crossformer: JPEG files are read by SkiaSharp", StringComparison.Ordinal));
    }

    [Fact]
    public void ExitCode_FailsOnlyForWhatIsRequired()
    {
        static int Of(Check check) => new DoctorVerb.Result(new Dictionary<string, Check> { ["x"] = check }).ToExitCode();

        Assert.Equal(ExitCode.Done, Of(Check.Good("there")));
        Assert.Equal(ExitCode.Done, Of(Check.Lacking("slower", "fix")));
        Assert.Equal(ExitCode.Failed, Of(Check.Broken("nothing works", "fix")));
    }
}
