using CrossFormer.Data.Conversion;

namespace CrossFormer.Data.Modification;

/// <summary>What to change about a dataset. Names of features may leave out <c>observation/</c>.</summary>
public sealed record ModificationOptions
{
    /// <summary>
    /// How colour images are stored from now on: all are encoded anew; null (default): images stay as they are, but for those
    /// that <see cref="SwapRedBlue"/> and <see cref="UpsideDown"/> name. A size also resizes depth images (which stay PNG) and uint8
    /// tensors that look like images ([H, W] or [H, W, C] with both sides of 64 and more).
    /// </summary>
    public ImageStorage? Images { get; init; }

    /// <summary>Whether only episodes are kept whose feature <c>success</c> or <c>episode_metadata/success</c> is true.</summary>
    public bool SuccessOnly { get; init; }

    /// <summary>Features of steps or episodes that are left out; a name also stands for all features below it.</summary>
    public IReadOnlyCollection<string> Drop { get; init; } = [];

    /// <summary>Images whose red and blue change places.</summary>
    public IReadOnlyCollection<string> SwapRedBlue { get; init; } = [];

    /// <summary>Images that are turned by 180 degrees.</summary>
    public IReadOnlyCollection<string> UpsideDown { get; init; } = [];

    /// <summary>The new dataset's name; null (default): the old one.</summary>
    public string? Name { get; init; }

    /// <summary>Episodes that are worked on at a time, at least 1; by default one for each processor. Each needs its own memory.</summary>
    public int Workers { get; init; } = Environment.ProcessorCount;

    /// <summary>Whether a finished dataset of the same name and version may be replaced.</summary>
    public bool Overwrite { get; init; }

    /// <summary>Called with each damaged episode, which is then passed over; null (default): the first ends the work.</summary>
    public Action<string, IOException>? OnSkipped { get; init; }
}
