using CrossFormer.Arrays;
using CrossFormer.Images;
using CrossFormer.Policies;
using CrossFormer.Statistics;
using CrossFormer.Testing;
using CrossFormer.Text;
using CrossFormer.Tokenizers;
using static TorchSharp.torch;

namespace CrossFormer.Tests.Policies;

/// <summary>The policy does what a caller of the plain model would have to do by hand, and does it the same way every time.</summary>
public sealed class CrossFormerPolicyTests : IDisposable
{
    private readonly CrossFormerModel _model = CrossFormerModel.LoadPretrained(Goldens.File("checkpoints", "msgpack"));
    private readonly int[] _image;
    private readonly EmbodimentTestText _text;

    public CrossFormerPolicyTests()
    {
        _image = _model.Module.Shapes.Observations["image_primary"];
        _text = new EmbodimentTestText(_model.Module.Shapes.Tasks["language_instruction"][^1]);
    }

    [Theory]
    [InlineData(WindowPadding.RepeatFirst)]
    [InlineData(WindowPadding.Grow)]
    public void Predict_EqualsThePlainModelOnTheSameWindow(WindowPadding padding)
    {
        using var policy = Policy(padding);
        policy.Reset(new PolicyTask("pick up the cup"));
        var statistics = _model.Statistics["bridge_dataset"].Action;
        for (var step = 0; step < 7; step++)
        {
            var actual = policy.Predict(Observation(step));
            using var scope = NewDisposeScope();
            var (first, window) = (Math.Max(0, step - 4), padding == WindowPadding.Grow ? Math.Min(step + 1, 5) : 5);
            var padded = Math.Max(0, window - (step + 1));
            var frames = Enumerable.Range(0, window).Select(t => Pixels(Math.Max(first, first + t - padded))).ToArray();
            var mask = tensor(Enumerable.Range(0, window).Select(t => t >= padded).ToArray(), [1L, window]);
            var tasks = new Tasks(new Dictionary<string, Tensor>
            {
                ["image_primary"] = zeros([1, .. _image.Select(d => (long)d)], ScalarType.Byte),
                ["language_instruction"] = tensor(_text.Encode("pick up the cup")).unsqueeze(0),
            });
            var expected = _model.SampleActions(new Observations(new Dictionary<string, Tensor> { ["image_primary"] = stack(frames, 0).unsqueeze(0) }, mask), tasks, "single_arm", statistics);
            Assert.Equal(expected.Count, actual.Actions.Length);
            foreach (var (e, a) in expected.ToSingles().Zip(actual.Actions.ToArray()))
                Assert.Equal(e, a, 5e-5f);
        }

        Tensor Pixels(int step) => tensor(Frame(step).AsSpan<byte>().ToArray(), [.. _image.Select(d => (long)d)], ScalarType.Byte);
    }

    [Fact]
    public void Predict_AfterObservingFrames_SeesThem()
    {
        using var observed = Policy();
        using var predicted = Policy();
        observed.Reset(new PolicyTask("a"));
        predicted.Reset(new PolicyTask("a"));
        for (var step = 0; step < 3; step++)
        {
            observed.Observe(Observation(step));
            predicted.Predict(Observation(step));
        }

        // The frames are encoded together in one and one by one in the other.
        foreach (var (a, b) in observed.Predict(Observation(3)).Actions.ToArray().Zip(predicted.Predict(Observation(3)).Actions.ToArray()))
            Assert.Equal(a, b, 2e-5f);
    }

    [Fact]
    public void Predict_AfterReset_GivesTheSameBytes()
    {
        using var policy = Policy();
        float[] Episode()
        {
            policy.Reset(new PolicyTask("pick up the cup"));
            policy.Predict(Observation(0));
            return policy.Predict(Observation(1)).Actions.ToArray();
        }

        var first = Episode();
        Assert.Equal(first, Episode());
        Assert.Equal(first, Episode());
    }

    [Fact]
    public void Redirect_EncodesKeptFramesForTheNewTask()
    {
        using var redirected = Policy();
        using var fresh = Policy();
        redirected.Reset(new PolicyTask("open the drawer"));
        redirected.Predict(Observation(0));
        redirected.Redirect(new PolicyTask("close the drawer"));
        fresh.Reset(new PolicyTask("close the drawer"));
        fresh.Predict(Observation(0));
        var expected = fresh.Predict(Observation(1)).Actions.ToArray();
        foreach (var (e, a) in expected.Zip(redirected.Predict(Observation(1)).Actions.ToArray()))
            Assert.Equal(e, a, 2e-5f);

        redirected.Reset(new PolicyTask("open the drawer"));
        redirected.Predict(Observation(0));
        Assert.NotEqual(expected, redirected.Predict(Observation(1)).Actions.ToArray());
    }

    [Fact]
    public void Predict_OnImagesOfAnotherSize_ResizesAsTheReference()
    {
        using var policy = Policy();
        var large = Formula.Image("policy/large", 96, 128, 3);
        policy.Reset(new PolicyTask("a"));
        var actual = policy.Predict(Observation(large));
        policy.Reset(new PolicyTask("a"));
        var expected = policy.Predict(Observation(LanczosResize.Resize(large, _image[0], _image[1])));
        Assert.Equal(expected.Actions.ToArray(), actual.Actions.ToArray());
    }

    [Fact]
    public void Reset_WithAnInstructionAndNoTextEncoder_SaysSo()
    {
        using var policy = new CrossFormerPolicy(_model, Profile(WindowPadding.RepeatFirst), new PolicyOptions { ReleaseWeights = false });
        Assert.Contains("needs a text encoder", Assert.Throws<ArgumentException>(() => policy.Reset(new PolicyTask("pick up the cup"))).Message);
        policy.Reset(new PolicyTask(null, new Dictionary<string, NdArray> { ["image_primary"] = Frame(9) }));
        Assert.Contains(policy.Notes, n => n.Contains("zero vector"));
    }

    [Fact]
    public void Predict_WithoutACamera_NamesIt()
    {
        using var policy = Policy();
        Assert.Throws<InvalidOperationException>(() => policy.Predict(Observation(0)));
        policy.Reset(new PolicyTask("a"));
        var error = Assert.Throws<ArgumentException>(() => policy.Predict(new Observation(TimeSpan.Zero, new Dictionary<string, NdArray> { ["proprio_arm"] = Formula.Symmetric("p", 1, 3) })));
        Assert.Contains("image_primary", error.Message);
    }

    [Theory]
    [InlineData("head", "no head 'wheel'")]
    [InlineData("camera", "image_wrist")]
    [InlineData("size", "the model takes")]
    [InlineData("window", "longest is 10")]
    [InlineData("statistics", "nowhere_dataset")]
    public void Constructor_WithAProfileThatDoesNotFit_SaysWhat(string fault, string message)
    {
        var profile = Profile(WindowPadding.RepeatFirst);
        profile = fault switch
        {
            "head" => profile with { Head = "wheel" },
            "camera" => profile with { Cameras = [new CameraInput("image_wrist", "image_0", 64, 64)] },
            "size" => profile with { Cameras = [new CameraInput("image_primary", "image_0", 65, 64)] },
            "window" => profile with { Window = 11 },
            _ => profile with { Statistics = "nowhere_dataset" },
        };
        var error = Assert.ThrowsAny<Exception>(() => new CrossFormerPolicy(_model, profile, new PolicyOptions { ReleaseWeights = false }));
        Assert.Contains(message, error.Message);
    }

    public void Dispose() => _model.Dispose();

    private static NdArray Frame(int step, int[] shape) => Formula.Image($"policy/frame{step}", shape);

    private NdArray Frame(int step) => Frame(step, _image);

    private Observation Observation(int step) => Observation(Frame(step));

    private static Observation Observation(NdArray image) => new(TimeSpan.Zero, new Dictionary<string, NdArray> { ["image_primary"] = image });

    private CrossFormerPolicy Policy(WindowPadding padding = WindowPadding.RepeatFirst) =>
        new(_model, Profile(padding), new PolicyOptions { ReleaseWeights = false, TextEncoder = _text });

    private EmbodimentProfile Profile(WindowPadding padding) => new()
    {
        Name = "test",
        Head = "single_arm",
        Cameras = [new CameraInput("image_primary", "image_0", _image[0], _image[1])],
        Statistics = "bridge_dataset",
        ActionNormalization = Normalization.Normal,
        Actions = [.. Enumerable.Range(0, 7).Select(i => new ActionDimension($"a{i}", "", ActionKind.Delta))],
        ControlRate = 5,
        Window = 5,
        WindowPadding = padding,
    };

    private sealed class EmbodimentTestText(int dimension) : ITextEncoder
    {
        public string Name => "formula";

        public int Dimension => dimension;

        public float[] Encode(string text) => Formula.Symmetric($"text/{text}", 0.5, dimension).ToSingles();

        public void Dispose()
        {
        }
    }
}
