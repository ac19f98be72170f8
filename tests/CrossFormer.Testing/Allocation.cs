namespace CrossFormer.Testing;

/// <summary>Measures what code allocates on the managed heap.</summary>
public static class Allocation
{
    /// <summary>
    /// Bytes that an action allocates on this thread, the least of twenty runs: what it allocates each time. A single run may
    /// also count what the runtime does in between (a pool that was trimmed, a method that is compiled anew).
    /// </summary>
    public static long Least(Action action)
    {
        var least = long.MaxValue;
        for (var run = 0; run < 20 && least > 0; run++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            action();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
