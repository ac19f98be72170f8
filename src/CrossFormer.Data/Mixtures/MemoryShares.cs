namespace CrossFormer.Data.Mixtures;

/// <summary>How a mixture's datasets share memory and threads. Pure functions, so that the order of samples depends on nothing else.</summary>
internal static class MemoryShares
{
    // Fewer episodes than this at a time would show in a batch.
    private const int EpisodesInMemory = 64;

    /// <summary>
    /// Every dataset's part of the budget is its part of the samples, so that the expected number of pairs from one episode in a
    /// batch is spread evenly; what a dataset is too small to use goes to the others.
    /// </summary>
    /// <param name="budget">Bytes.</param>
    /// <param name="weights">Parts of the samples.</param>
    /// <param name="sizes">Bytes of the datasets.</param>
    public static long[] Split(long budget, double[] weights, long[] sizes)
    {
        var shares = new long[weights.Length];
        var open = Enumerable.Range(0, weights.Length).ToList();
        while (open.Count > 0)
        {
            var total = open.Sum(i => weights[i]);
            var full = open.Where(i => total <= 0 || budget * (weights[i] / total) >= sizes[i]).ToArray();
            if (full.Length == 0)
            {
                foreach (var i in open)
                    shares[i] = (long)(budget * (weights[i] / total));
                break;
            }

            foreach (var i in full)
            {
                shares[i] = Math.Min(sizes[i], budget);
                budget -= shares[i];
                open.Remove(i);
            }
        }

        return shares;
    }

    /// <summary>In how many parts an episode is read so that enough episodes are in memory at a time.</summary>
    public static int Parts(long share, long datasetBytes, int episodes, int most)
    {
        var episode = (double)datasetBytes / episodes;
        return (int)Math.Clamp(Math.Ceiling(Math.Min(EpisodesInMemory, episodes) * episode / Math.Max(share, 1)), 1, most);
    }

    /// <summary>
    /// Whole numbers that add up to <paramref name="total"/> (or are 1 each, where that is more), at least 1, as near to the
    /// weights as can be. Source: data/utils/data_utils.py, allocate_threads.
    /// </summary>
    public static int[] Allocate(int total, double[] weights)
    {
        var allocation = new int[weights.Length];
        var open = Enumerable.Range(0, weights.Length).ToList();
        while (true)
        {
            var sum = open.Sum(i => weights[i]);
            var small = open.Where(i => weights[i] / sum * total < 1).ToArray();
            if (small.Length == 0)
                break;
            foreach (var i in small)
                (allocation[i], total) = (1, total - 1);
            open.RemoveAll(i => allocation[i] > 0);
        }

        var left = total;
        var sumOpen = open.Sum(i => weights[i]);
        foreach (var i in open)
            left -= allocation[i] = (int)(weights[i] / sumOpen * total);
        foreach (var i in open.OrderByDescending(i => (weights[i] / sumOpen * total) - allocation[i]).Take(Math.Max(left, 0)))
            allocation[i]++;
        return allocation;
    }
}
