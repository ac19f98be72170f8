using CrossFormer.Text;

namespace CrossFormer.Core.Tests.Text;

public class CachedTextEncoderTests
{
    private sealed class Counting : ITextEncoder
    {
        public int Calls;

        public bool Disposed { get; private set; }

        public string Name => "counting";

        public int Dimension => 1;

        public float[] Encode(string text)
        {
            Interlocked.Increment(ref Calls);
            return text == "bad" ? throw new TextEncoderException(Name, "bad") : [text.Length];
        }

        public void Dispose() => Disposed = true;
    }

    [Fact]
    public void Encode_AsksOnceForEachText()
    {
        var inner = new Counting();
        using var cache = new CachedTextEncoder(inner);
        Assert.Equal([1f], cache.Encode("a"));
        cache.Encode("a")[0] = 99;
        Assert.Equal([1f], cache.Encode("a"));
        Assert.Equal(1, inner.Calls);
        Assert.Equal(("counting", 1), (cache.Name, cache.Dimension));
    }

    [Fact]
    public void Encode_ForgetsTheLeastRecentlyUsedText()
    {
        var inner = new Counting();
        using var cache = new CachedTextEncoder(inner, capacity: 2);
        foreach (var text in new[] { "a", "b", "a", "c" })
            cache.Encode(text);
        Assert.Equal(3, inner.Calls);
        cache.Encode("a");
        Assert.Equal(3, inner.Calls);
        cache.Encode("b");
        Assert.Equal(4, inner.Calls);
    }

    [Fact]
    public void Encode_DoesNotRememberFailures()
    {
        var inner = new Counting();
        using var cache = new CachedTextEncoder(inner);
        Assert.Throws<TextEncoderException>(() => cache.Encode("bad"));
        Assert.Throws<TextEncoderException>(() => cache.Encode("bad"));
        Assert.Equal(2, inner.Calls);
    }

    [Fact]
    public void Encode_IsRightFromManyThreads()
    {
        using var cache = new CachedTextEncoder(new Counting(), capacity: 7);
        Parallel.For(0, 10_000, i => Assert.Equal([i % 20], cache.Encode(new string('x', i % 20))));
    }

    [Fact]
    public void EncodeBatch_StacksTheVectors()
    {
        using ITextEncoder cache = new CachedTextEncoder(new Counting());
        var batch = cache.EncodeBatch(["abc", "", "a"]);
        Assert.Equal([3, 1], batch.Shape);
        Assert.Equal([3f, 0f, 1f], batch.AsSpan<float>().ToArray());
        Assert.Equal([0, 1], cache.EncodeBatch([]).Shape);
    }

    [Fact]
    public void Dispose_EndsTheEncoderInside()
    {
        var inner = new Counting();
        new CachedTextEncoder(inner).Dispose();
        Assert.True(inner.Disposed);
    }
}
