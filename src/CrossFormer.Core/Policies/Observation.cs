using CrossFormer.Arrays;

namespace CrossFormer.Policies;

/// <summary>
/// What a robot sees and feels at one moment, in its own units: no resizing, no normalisation, no batch or window
/// dimension. The policy does all of that.
/// </summary>
/// <remarks>
/// Shapes: <c>image_*</c>: uint8 [height, width, 3], RGB, any size · everything else (<c>proprio_*</c>): float32 [dim].
/// A camera may instead come as the bytes of a JPEG or PNG file; the policy decodes it.
/// Immutable, so it may be read from any thread; the arrays must not be written to afterwards.
/// </remarks>
public sealed class Observation
{
    private static readonly Dictionary<string, ReadOnlyMemory<byte>> NoImages = [];

    /// <summary>Wraps the arrays without copying them.</summary>
    /// <param name="timestamp">
    /// When the frames were exposed, on a monotonic clock (any origin; the same clock for every observation and for the
    /// runner that executes the actions).
    /// </param>
    /// <param name="arrays">Images and proprioception by observation key.</param>
    /// <param name="encodedImages">JPEG or PNG files by observation key, for cameras that are not in <paramref name="arrays"/>.</param>
    /// <exception cref="ArgumentException">An array has the wrong type or shape for its key, a key is given twice, or an encoded image is empty.</exception>
    public Observation(
        TimeSpan timestamp,
        IReadOnlyDictionary<string, NdArray> arrays,
        IReadOnlyDictionary<string, ReadOnlyMemory<byte>>? encodedImages = null)
    {
        ArgumentNullException.ThrowIfNull(arrays);
        encodedImages ??= NoImages;
        foreach (var (key, array) in arrays)
            CheckArray(key, array);
        foreach (var (key, bytes) in encodedImages)
        {
            if (!IsImage(key))
                throw new ArgumentException($"Encoded image '{key}': expected a key that starts with '{ImagePrefix}'.", nameof(encodedImages));
            if (bytes.IsEmpty)
                throw new ArgumentException($"Encoded image '{key}': expected the bytes of a JPEG or PNG file, got none.", nameof(encodedImages));
            if (arrays.ContainsKey(key))
                throw new ArgumentException($"'{key}' is given twice, as pixels and as an encoded image.", nameof(encodedImages));
        }

        (Timestamp, Arrays, EncodedImages) = (timestamp, arrays, encodedImages);
    }

    /// <summary>What the keys of images begin with.</summary>
    public const string ImagePrefix = "image_";

    /// <summary>When the frames were exposed, on a monotonic clock.</summary>
    public TimeSpan Timestamp { get; }

    /// <summary>Images (uint8 [height, width, 3]) and proprioception (float32 [dim]) by observation key.</summary>
    public IReadOnlyDictionary<string, NdArray> Arrays { get; }

    /// <summary>JPEG or PNG files by observation key; none of these keys is in <see cref="Arrays"/>.</summary>
    public IReadOnlyDictionary<string, ReadOnlyMemory<byte>> EncodedImages { get; }

    /// <summary>Whether an observation key names a camera.</summary>
    public static bool IsImage(string key) => key.StartsWith(ImagePrefix, StringComparison.Ordinal);

    /// <summary>Whether this observation has <paramref name="key"/>, as an array or as an encoded image.</summary>
    public bool Contains(string key) => Arrays.ContainsKey(key) || EncodedImages.ContainsKey(key);

    internal static void CheckImage(string role, NdArray image)
    {
        if (image.DType != DType.UInt8 || image.Shape is not [> 0, > 0, 3])
            throw new ArgumentException($"{role}: expected uint8[height,width,3], got {image}.");
    }

    private static void CheckArray(string key, NdArray array)
    {
        if (IsImage(key))
            CheckImage($"Observation '{key}'", array);
        else if (array.DType != DType.Float32 || array.Shape is not [> 0])
            throw new ArgumentException($"Observation '{key}': expected float32[dim], got {array}.");
    }
}
