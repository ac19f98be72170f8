namespace CrossFormer.Data.Frames;

/// <summary>How the parameters of one image's augmentations relate to each other.</summary>
public enum AugmentationDraws
{
    /// <summary>
    /// As the reference: it hands one seed to every operation, so one uniform number decides all of an image's parameters, and
    /// a large crop is always also bright, contrasty and cut at the lower right. Each parameter alone has the distribution that
    /// its augmentation states. The published weights were trained so.
    /// </summary>
    Shared,

    /// <summary>Every parameter is drawn for itself.</summary>
    Independent,
}
