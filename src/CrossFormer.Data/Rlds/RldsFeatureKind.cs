namespace CrossFormer.Data.Rlds;

/// <summary>What a leaf of features.json is. TFDS's Scalar is a <see cref="Tensor"/> of no dimensions.</summary>
public enum RldsFeatureKind
{
    /// <summary>Numbers, booleans or strings of a shape.</summary>
    Tensor,
    /// <summary>One byte string, by convention UTF-8.</summary>
    Text,
    /// <summary>An encoded image file, colour or depth.</summary>
    Image,
    /// <summary>A class number as int64; −1 means none.</summary>
    ClassLabel,
    /// <summary>Four float32 in [0, 1]: ymin, xmin, ymax, xmax.</summary>
    BoundingBox,
    /// <summary>A feature that this reader does not know (audio, video, …): passed over; asking for it is an error.</summary>
    Unsupported,
}
