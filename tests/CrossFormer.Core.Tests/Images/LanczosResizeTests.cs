using CrossFormer.Arrays;
using CrossFormer.Images;
using CrossFormer.Testing;
using CsCheck;

namespace CrossFormer.Core.Tests.Images;

public class LanczosResizeTests
{
    [Fact]
    public void Resize_EqualsItsPlainTwin()
    {
        var cases = from h in Gen.Int[1, 70]
                    from w in Gen.Int[1, 70]
                    from c in Gen.Int[1, 4]
                    from height in Gen.Int[1, 70]
                    from width in Gen.Int[1, 70]
                    from extreme in Gen.Bool
                    from seed in Gen.Int
                    select (h, w, c, height, width, extreme, seed);
        cases.Sample(
            s =>
            {
                var source = Formula.Image($"{s.seed}", s.h, s.w, s.c).Bytes.ToArray();
                // Black beside white rings beyond the range, so that clipping is tested too.
                if (s.extreme)
                    source = [.. source.Select(v => (byte)(v < 128 ? 0 : 255))];
                byte[] fast = new byte[s.height * s.width * s.c], plain = new byte[fast.Length];
                LanczosResize.Resize(source, s.h, s.w, s.c, fast, s.height, s.width);
                LanczosResize.ResizePlain(source, s.h, s.w, s.c, plain, s.height, s.width);
                Assert.Equal(plain, fast);
            },
            iter: 500);
    }

    [Theory]
    [InlineData(480, 640, 224, 224)]
    [InlineData(7, 5, 64, 96)]
    public void Resize_KeepsAConstantImage(int height, int width, int newHeight, int newWidth)
    {
        var image = NdArray.From(Enumerable.Repeat((byte)200, height * width * 3).ToArray(), height, width, 3);
        Assert.All(LanczosResize.Resize(image, newHeight, newWidth).AsSpan<byte>().ToArray(), v => Assert.Equal(200, v));
    }

    [Fact]
    public void Resize_ToTheSameSizeChangesNothing()
    {
        var image = Formula.Image("same", 20, 30, 3);
        Assert.Same(image, LanczosResize.Resize(image, 20, 30));
    }

    [Fact]
    public void Resize_AllocatesNothingOnceTheSizesAreKnown()
    {
        var source = Formula.Image("allocation", 48, 64, 3).Bytes.ToArray();
        var destination = new byte[32 * 32 * 3];
        Assert.Equal(0, Allocation.Least(() => LanczosResize.Resize(source, 48, 64, 3, destination, 32, 32)));
    }

    [Fact]
    public void Resize_IsTheSameFromManyThreads()
    {
        var image = Formula.Image("threads", 48, 64, 3);
        var expected = Enumerable.Range(1, 40).Select(n => LanczosResize.Resize(image, n, n + 1).Bytes.ToArray()).ToArray();
        Parallel.For(0, 400, i => Assert.Equal(expected[i % 40], LanczosResize.Resize(image, (i % 40) + 1, (i % 40) + 2).Bytes.ToArray()));
    }

    [Fact]
    public void Resize_RefusesSpansThatDoNotFit()
    {
        Assert.Contains("cannot have 11 bytes", Assert.Throws<ArgumentException>(() => LanczosResize.Resize(new byte[11], 2, 2, 3, new byte[3], 1, 1)).Message);
        Assert.Contains("cannot have 4 bytes", Assert.Throws<ArgumentException>(() => LanczosResize.Resize(new byte[12], 2, 2, 3, new byte[4], 1, 1)).Message);
        Assert.Throws<ArgumentException>(() => LanczosResize.Resize(NdArray.Zeros(DType.Float32, 2, 2, 3), 1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => LanczosResize.Resize(Formula.Image("size", 2, 2, 3), 0, 1));
    }

    [Fact]
    public void DepthResize_MakesNoDepthOutsideTheRangeOfItsNeighbours()
    {
        var depth = NdArray.From([.. Enumerable.Range(0, 400).Select(i => i % 20 < 10 ? 1f : 5f)], 20, 20);
        var resized = DepthResize.Resize(depth, 33, 7);
        Assert.Equal([33, 7], resized.Shape);
        Assert.All(resized.AsSpan<float>().ToArray(), v => Assert.InRange(v, 0.99999f, 5.00001f));
    }
}
