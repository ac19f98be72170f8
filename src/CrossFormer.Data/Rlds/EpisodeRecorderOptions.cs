using CrossFormer.Images;

namespace CrossFormer.Data.Rlds;

/// <summary>How a robot's episodes are recorded.</summary>
public sealed record EpisodeRecorderOptions
{
    /// <summary>
    /// How frames that come as pixels are stored: <see cref="ImageFormat.Jpeg"/> (default) or, without loss and several
    /// times larger, <see cref="ImageFormat.Png"/>. Frames that come as JPEG or PNG files are stored as they are.
    /// </summary>
    public ImageFormat ImageEncoding { get; init; } = ImageFormat.Jpeg;

    /// <summary>1 to 100, libjpeg's scale; 95 by default, as TFDS. Ignored for PNG.</summary>
    public int JpegQuality { get; init; } = 95;

    /// <summary>
    /// Frames that may wait for being encoded, at least 1; 64 by default. Beyond that recording a step waits, so that memory
    /// stays bounded when the processor cannot keep up.
    /// </summary>
    public int MaxPendingImages { get; init; } = 64;

    /// <summary>The dataset's version.</summary>
    public string Version { get; init; } = "1.0.0";

    /// <summary>What the dataset is; Markdown.</summary>
    public string Description { get; init; } = "";

    /// <summary>What makes the episodes: an unfinished dataset is continued only by the same. Default: the recorder, whatever the robot.</summary>
    public string Source { get; init; } = "recorder";
}
