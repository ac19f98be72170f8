using System.Diagnostics;
using System.Runtime.InteropServices;
using CrossFormer.Arrays;
using CrossFormer.Images;

namespace CrossFormer.Data.Frames;

/// <summary>
/// One image from file to batch: decode, resize, augment, with no copy in between that need not be. Holds the buffers, so it
/// serves one thread. Source: data/obs_transforms.py, decode_and_resize and augment.
/// </summary>
/// <param name="scaledDecoding"><see cref="FrameOptions.ScaledDecoding"/>.</param>
internal sealed class ImageStage(bool scaledDecoding = false)
{
    private readonly ImageAugmenter _augmenter = new();
    private byte[] _decoded = [], _resized = [];
    private long _decoding, _resizing, _augmenting;

    /// <summary>Makes a colour image.</summary>
    /// <param name="file">JPEG or PNG.</param>
    /// <param name="name">What errors call it.</param>
    /// <param name="size">Of the result.</param>
    /// <param name="steps">Augmentations with their parameters drawn; may be none.</param>
    /// <param name="destination">uint8 [height, width, 3].</param>
    /// <exception cref="Formats.CorruptFileException">The file is damaged; the destination then holds anything.</exception>
    public void Color(ReadOnlySpan<byte> file, string name, ImageSize size, ReadOnlySpan<AugmentationStep> steps, Span<byte> destination)
    {
        var start = Stopwatch.GetTimestamp();
        var header = ImageCodec.ReadHeader(file, name);
        var eighths = scaledDecoding ? header.EighthsFor(size.Height, size.Width) : 8;
        header = header.Scaled(eighths);
        var fits = (header.Height, header.Width) == (size.Height, size.Width);
        var decoded = fits && steps.IsEmpty ? destination : AtLeast(ref _decoded, header.Height * header.Width * 3);
        ImageCodec.DecodeInto(file, decoded, 3, name, eighths: eighths);
        Pass(ref _decoding, ref start);
        if (fits && steps.IsEmpty)
            return;
        var resized = fits ? decoded : steps.IsEmpty ? destination : AtLeast(ref _resized, destination.Length);
        if (!fits)
            LanczosResize.Resize(decoded, header.Height, header.Width, 3, resized, size.Height, size.Width);
        Pass(ref _resizing, ref start);
        if (!steps.IsEmpty)
            _augmenter.Apply(resized, size.Height, size.Width, steps, destination);
        Pass(ref _augmenting, ref start);
    }

    /// <summary>Makes a depth image: the file's first channel, scaled to 0 to 1 as the reference does, in float32.</summary>
    /// <param name="file">PNG, usually of 16 bits.</param>
    /// <param name="name">What errors call it.</param>
    /// <param name="size">Of the result.</param>
    /// <param name="destination">float32 [height, width].</param>
    /// <exception cref="Formats.CorruptFileException">The file is damaged; the destination then holds anything.</exception>
    public void Depth(ReadOnlySpan<byte> file, string name, ImageSize size, Span<byte> destination)
    {
        var start = Stopwatch.GetTimestamp();
        var image = ImageCodec.Decode(file, channels: 0, DType.Float32, name);
        var (height, width, channels) = (image.Shape[0], image.Shape[1], image.Shape[2]);
        var values = image.AsSpan<float>();
        var depth = new float[height * width];
        for (var i = 0; i < depth.Length; i++)
            depth[i] = values[i * channels];
        Pass(ref _decoding, ref start);
        var resized = (height, width) == (size.Height, size.Width) ? depth
            : DepthResize.Resize(NdArray.From(depth, height, width), size.Height, size.Width).AsSpan<float>();
        MemoryMarshal.AsBytes(resized).CopyTo(destination);
        Pass(ref _resizing, ref start);
    }

    /// <summary>Stopwatch ticks spent on each stage since this was asked last.</summary>
    public (long Decoding, long Resizing, long Augmenting) TakeTicks()
    {
        var taken = (_decoding, _resizing, _augmenting);
        (_decoding, _resizing, _augmenting) = (0, 0, 0);
        return taken;
    }

    private static void Pass(ref long stage, ref long start)
    {
        var now = Stopwatch.GetTimestamp();
        stage += now - start;
        start = now;
    }

    private static Span<byte> AtLeast(ref byte[] buffer, int bytes)
    {
        if (buffer.Length < bytes)
            buffer = GC.AllocateUninitializedArray<byte>(bytes);
        return buffer.AsSpan(0, bytes);
    }
}
