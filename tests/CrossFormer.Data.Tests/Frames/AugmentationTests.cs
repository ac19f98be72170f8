using CrossFormer.Arrays;
using CrossFormer.Data.Frames;
using CrossFormer.Data.Trajectories;
using CrossFormer.Testing;
using CsCheck;

namespace CrossFormer.Data.Tests.Frames;

public class AugmentationTests
{
    private const float OneLevel = 1f / 255;

    private static readonly AugmentationStep Crop = new(AugmentationKind.Box, 0.1f, 0.2f, 0.9f, 0.95f);

    private static byte[] GoldenImage() => Formula.Image($"{Goldens.Prefix("data")}/small", 64, 64, 3).Bytes.ToArray();

    [Theory, Trait(Goldens.Category, Goldens.Reference)]
    [InlineData("brightness/-0.1"), InlineData("brightness/0.07"), InlineData("contrast/0.9"), InlineData("contrast/1.1")]
    [InlineData("saturation/0.9"), InlineData("saturation/1.1"), InlineData("hue/-0.05"), InlineData("hue/0.05")]
    public void ColourChange_IsTheReferencesWithinHundredthOfALevel(string name)
    {
        var expected = Goldens.Arrays("data", "augment.npz")[name].AsSpan<float>();
        var (kind, parameter) = (name.Split('/')[0], float.Parse(name.Split('/')[1]));
        var step = new AugmentationStep(Enum.Parse<AugmentationKind>(kind, ignoreCase: true), parameter);
        var actual = new ImageAugmenter().ApplyToFloat(GoldenImage(), 64, 64, [step]);
        AssertNear(expected, actual, OneLevel / 100);
    }

    [Fact, Trait(Goldens.Category, Goldens.Reference)]
    public void Crop_IsTheReferencesWithinHundredthOfALevel()
    {
        var golden = Goldens.Arrays("data", "augment.npz");
        var boxes = golden["boxes"].ToSingles();
        var expected = golden["crop_and_resize"].ToSingles();
        for (var i = 0; i < boxes.Length / 4; i++)
        {
            var box = new AugmentationStep(AugmentationKind.Box, boxes[4 * i], boxes[(4 * i) + 1], boxes[(4 * i) + 2], boxes[(4 * i) + 3]);
            var actual = new ImageAugmenter().ApplyToFloat(GoldenImage(), 64, 64, [box]);
            AssertNear(expected.AsSpan(i * actual.Length, actual.Length), actual, OneLevel / 100);
        }
    }

    [Fact, Trait(Goldens.Category, Goldens.Reference)]
    public void Chain_IsTheReferencesWithinOneLevel()
    {
        var expected = Goldens.Arrays("data", "augment.npz")["chain_uint8"].AsSpan<byte>();
        var actual = new byte[expected.Length];
        new ImageAugmenter().Apply(GoldenImage(), 64, 64, [Crop, .. FourColourSteps()], actual);
        var differing = 0;
        for (var i = 0; i < actual.Length; i++)
        {
            Assert.InRange(actual[i] - expected[i], -1, 1);
            differing += actual[i] == expected[i] ? 0 : 1;
        }

        // Truncation splits levels where float32 sums differ in the last bit; anything more would be a systematic shift.
        Assert.InRange(differing, 0, actual.Length / 500);
    }

    [Fact]
    public void Apply_InAnyOrder_EqualsTheStepsOneAtATime()
    {
        var steps = Gen.OneOf(
            Gen.Select(Gen.Float[0, 0.4f], Gen.Float[0.6f, 1]).Select((a, b) => new AugmentationStep(AugmentationKind.Box, a, 1 - b, b, 1 - a)),
            Gen.Const(new AugmentationStep(AugmentationKind.Box, 0, 1, 1, 0)),
            Gen.Float[-0.2f, 0.2f].Select(d => new AugmentationStep(AugmentationKind.Brightness, d)),
            Gen.Float[0.5f, 1.5f].Select(f => new AugmentationStep(AugmentationKind.Contrast, f)),
            Gen.Float[0, 3].Select(f => new AugmentationStep(AugmentationKind.Saturation, f)),
            Gen.Float[-0.5f, 0.5f].Select(d => new AugmentationStep(AugmentationKind.Hue, d))).Array[1, 6];
        Gen.Select(steps, Gen.Int[1, 40], Gen.Int[1, 40]).Sample((s, height, width) =>
        {
            var image = Formula.Image($"{height}x{width}", height, width, 3).Bytes.ToArray();
            var expected = PlainAugmentation.Apply(image, height, width, s);
            AssertNear(expected, new ImageAugmenter().ApplyToFloat(image, height, width, s), 1e-4f);
        }, iter: 300);
    }

    [Fact]
    public void Augmenter_UsedForAnotherSizeBefore_GivesTheSame()
    {
        var (large, small) = (Formula.Image("large", 50, 70, 3), Formula.Image("small", 33, 17, 3));
        var used = new ImageAugmenter();
        used.ApplyToFloat(large.Bytes.Span, 50, 70, [Crop, .. FourColourSteps()]);
        Assert.Equal(
            new ImageAugmenter().ApplyToFloat(small.Bytes.Span, 33, 17, [Crop, .. FourColourSteps()]),
            used.ApplyToFloat(small.Bytes.Span, 33, 17, [Crop, .. FourColourSteps()]));
    }

    [Fact]
    public void SharedDraws_MoveAllParametersTogether()
    {
        // The reference hands one seed to all operations: its scale, ratio, offsets and colours are one number in disguise.
        var stream = new RandomStream(5);
        for (var i = 0; i < 100; i++)
        {
            var u = stream.NextSingle();
            var random = new AugmentationRandom(ref stream, u);
            Assert.Equal((u * 0.2f) - 0.1f, new RandomBrightness(0.1f).Draw(random).A, 1e-6f);
            Assert.Equal(0.9f + (u * 0.2f), new RandomContrast(0.9f, 1.1f).Draw(random).A, 1e-6f);
            var crop = new RandomResizedCrop(0.8f, 1, 0.9f, 1.1f).Draw(random);
            var (height, width) = (crop.C - crop.A, crop.D - crop.B);
            Assert.Equal(u * (1 - height), crop.A, 1e-5f);
            Assert.Equal(u * (1 - width), crop.B, 1e-5f);
        }
    }

    [Fact]
    public void IndependentDraws_HaveTheStatedMarginsAndNoCorrelation()
    {
        var stream = new RandomStream(6);
        const int n = 20_000;
        var (a, b, ab) = (0.0, 0.0, 0.0);
        for (var i = 0; i < n; i++)
        {
            var random = new AugmentationRandom(ref stream, null);
            var (x, y) = (new RandomBrightness(1).Draw(random).A, new RandomSaturation(-1, 1).Draw(random).A);
            Assert.InRange(x, -1, 1);
            (a, b, ab) = (a + (x * x), b + (y * y), ab + (x * y));
        }

        // Variance of a uniform number in [-1, 1) is 1/3; five standard errors.
        Assert.InRange(a / n, 1.0 / 3 - 0.011, 1.0 / 3 + 0.011);
        Assert.InRange(ab / Math.Sqrt(a * b), -0.036, 0.036);
    }

    [Fact]
    public void Crop_WithAnyDraw_StaysInsideTheImage()
    {
        Gen.Select(Gen.Float[0, 0.99999994f], Gen.Float[0.05f, 1], Gen.Float[0.2f, 5]).Sample((u, scale, ratio) =>
        {
            var stream = new RandomStream(1);
            var box = new RandomResizedCrop(scale, scale, ratio, ratio).Draw(new AugmentationRandom(ref stream, u));
            Assert.InRange(box.A, 0, box.C);
            Assert.InRange(box.B, 0, box.D);
            Assert.InRange(box.C, 0, 1.0000001f);
            Assert.InRange(box.D, 0, 1.0000001f);
        });
    }

    private static AugmentationStep[] FourColourSteps() =>
        [new(AugmentationKind.Brightness, 0.07f), new(AugmentationKind.Contrast, 1.1f), new(AugmentationKind.Saturation, 0.9f), new(AugmentationKind.Hue, 0.05f)];

    private static void AssertNear(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, float tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], actual[i], tolerance);
    }
}
