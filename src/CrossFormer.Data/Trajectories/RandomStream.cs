namespace CrossFormer.Data.Trajectories;

/// <summary>
/// Random numbers that are a pure function of a key: the same seed and the same path of <see cref="Fork(ulong)"/>s give the same
/// numbers on every machine, in any order of work and on any number of threads. Counter-based (splitmix64), so a stream costs
/// sixteen bytes and no initialisation. Not for secrets.
/// </summary>
/// <remarks>A mutable value: copying it copies the position. Use each copy from one thread.</remarks>
public struct RandomStream
{
    private const ulong Golden = 0x9E3779B97F4A7C15;

    private readonly ulong _key;
    private ulong _counter;

    /// <summary>A stream of its own for each seed.</summary>
    public RandomStream(ulong seed) => _key = Mix(seed + Golden);

    /// <summary>An independent stream named by a number: an episode, a sample, a purpose. Does not depend on how far this one was read.</summary>
    public readonly RandomStream Fork(ulong name) => new(_key ^ Mix(name * Golden + 0xD1B54A32D192ED03));

    /// <summary>An independent stream named by a text, for example a dataset.</summary>
    public readonly RandomStream Fork(string name)
    {
        var hash = 14695981039346656037UL; // FNV-1a
        foreach (var c in name)
            hash = (hash ^ c) * 1099511628211UL;
        return Fork(hash);
    }

    /// <summary>The next 64 random bits.</summary>
    public ulong NextBits() => Mix(_key + (++_counter * Golden));

    /// <summary>A float32 in [0, 1), a multiple of 2⁻²⁴.</summary>
    public float NextSingle() => (NextBits() >> 40) * (1f / (1 << 24));

    /// <summary>A float64 in [0, 1), a multiple of 2⁻⁵³.</summary>
    public double NextDouble() => (NextBits() >> 11) * (1.0 / (1L << 53));

    /// <summary>An integer in [0, <paramref name="bound"/>), each as likely as any other to within 2⁻³².</summary>
    /// <param name="bound">At least 1.</param>
    public int NextInt(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bound, 1);
        return (int)(((NextBits() >> 32) * (ulong)bound) >> 32);
    }

    /// <summary>Puts the elements in random order (Fisher-Yates).</summary>
    public void Shuffle<T>(Span<T> values)
    {
        for (var i = values.Length - 1; i > 0; i--)
        {
            var j = NextInt(i + 1);
            (values[i], values[j]) = (values[j], values[i]);
        }
    }

    /// <summary>The numbers 0 to <paramref name="count"/> − 1 in random order.</summary>
    public int[] Permutation(int count)
    {
        var values = new int[count];
        for (var i = 0; i < count; i++)
            values[i] = i;
        Shuffle<int>(values);
        return values;
    }

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
