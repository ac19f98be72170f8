using CrossFormer.Data.Trajectories;

namespace CrossFormer.Data.Frames;

/// <summary>
/// Blanks cameras at random, each for itself, but never all that are there. One draw a camera holds for the whole sample, all of
/// the window and the goal. Source: data/obs_transforms.py, image_dropout.
/// </summary>
internal static class ImageDropout
{
    /// <summary>Decides about one step's cameras, or about the goal's.</summary>
    /// <param name="present">Per camera whether it is there; false where it is blanked.</param>
    /// <param name="probability">Of blanking, 0 to 1.</param>
    /// <param name="kept">The camera that always stays; −1: one of those present, all equally likely.</param>
    /// <param name="random">The sample's; the same for all steps and the goal.</param>
    public static void Apply(Span<bool> present, double probability, int kept, RandomStream random)
    {
        var choice = random.NextDouble();
        if (kept < 0)
            kept = Nth(present, (int)(choice * present.Count(true)));
        for (var i = 0; i < present.Length; i++)
            present[i] &= random.NextDouble() >= probability || i == kept;
    }

    private static int Nth(ReadOnlySpan<bool> present, int n)
    {
        for (var i = 0; i < present.Length; i++)
        {
            if (present[i] && n-- == 0)
                return i;
        }

        return -1;
    }
}
