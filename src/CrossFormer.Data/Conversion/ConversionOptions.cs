namespace CrossFormer.Data.Conversion;

/// <summary>How episodes are converted. Names of features may leave out <c>observation/</c>.</summary>
public sealed record ConversionOptions
{
    /// <summary>How camera images are stored.</summary>
    public ImageStorage Images { get; init; } = new();

    /// <summary>Cameras whose red and blue change places: some recorders hand RGB to a library that expects BGR.</summary>
    public IReadOnlyCollection<string> SwapRedBlue { get; init; } = [];

    /// <summary>Cameras that are turned by 180 degrees; simulators often deliver images that stand on their heads.</summary>
    public IReadOnlyCollection<string> UpsideDown { get; init; } = [];

    /// <summary>Features that are left out.</summary>
    public IReadOnlyCollection<string> Drop { get; init; } = [];

    /// <summary>Instruction of the episodes for which the source has none; empty by default.</summary>
    public string Instruction { get; init; } = "";

    /// <summary>
    /// Steps a second, positive, from which <c>timestamp</c> (float32 seconds) is made where the source records no time; null
    /// (default): what the source says. Without either there is no <c>timestamp</c>.
    /// </summary>
    public double? FramesPerSecond { get; init; }

    /// <summary>Whether a finished dataset of the same name and version may be replaced.</summary>
    public bool Overwrite { get; init; }

    /// <summary>
    /// Called with each damaged episode, which is then passed over; null (default): the first damaged episode ends the
    /// conversion. The first episode must be sound in any case: the features are taken from it.
    /// </summary>
    public Action<SourceEntry, IOException>? OnSkipped { get; init; }
}
