namespace CrossFormer.Encoders;

/// <summary>How many numbers an encoder keeps of one frame from the forward pass to the backward pass. An estimate from its shapes.</summary>
/// <param name="All">When everything is kept.</param>
/// <param name="Inputs">When its parts are recomputed: their inputs.</param>
/// <param name="Widest">And what the part that needs most keeps while its turn comes.</param>
internal readonly record struct KeptActivations(long All, long Inputs, long Widest)
{
    /// <summary>Another part behind these that keeps so much in any case.</summary>
    public KeptActivations WithFixed(long kept) => this with { All = All + kept, Inputs = Inputs + kept };

    /// <summary>Another part behind these that can be recomputed.</summary>
    /// <param name="input">Numbers that go into it.</param>
    /// <param name="kept">Numbers that it keeps.</param>
    public KeptActivations With(long input, long kept) => new(All + kept, Inputs + input, Math.Max(Widest, kept));
}
