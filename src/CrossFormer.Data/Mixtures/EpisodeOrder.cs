using CrossFormer.Data.Trajectories;

namespace CrossFormer.Data.Mixtures;

/// <summary>Which part of which episode is read at a visit: one of <paramref name="Parts"/> parts of its frames.</summary>
internal readonly record struct EpisodePart(int Epoch, int Episode, int Part, int Parts);

/// <summary>
/// The order in which the episodes of a dataset are visited: every epoch another permutation of all parts of all episodes, or
/// file order once. Machines that share the data take turns. Serves one thread.
/// </summary>
internal sealed class EpisodeOrder(int episodes, int parts, RandomStream? shuffle, int rank, int worldSize)
{
    private int[]? _permutation;
    private int _epoch = -1;

    /// <summary>Visits after which all of this machine's parts have come up at least once.</summary>
    public long VisitsPerEpoch { get; } = (((long)episodes * parts) + worldSize - 1) / worldSize;

    /// <summary>The part at a visit, counted from 0; null behind the end of an ordered pass.</summary>
    public EpisodePart? At(long visit)
    {
        var (epoch, index) = Math.DivRem((visit * worldSize) + rank, (long)episodes * parts);
        if (shuffle is not { } random)
            return epoch == 0 ? new EpisodePart(0, (int)index, 0, 1) : null;
        if (_epoch != epoch)
        {
            _permutation = random.Fork((ulong)epoch).Permutation(checked(episodes * parts));
            _epoch = (int)epoch;
        }

        var (episode, part) = Math.DivRem(_permutation![index], parts);
        return new EpisodePart((int)epoch, episode, part, parts);
    }
}
