namespace CrossFormer.Data.Frames;

/// <summary>
/// Applies augmentations to an image in as few passes over it as they allow: a pass reads a row, changes it while it lies in
/// the first-level cache, and writes it. Only contrast, which needs the mean of the whole image, and a crop that is not the
/// first step begin another pass; the usual five take two. Holds the buffers in between, so it serves one thread.
/// </summary>
internal sealed class ImageAugmenter
{
    private static readonly AugmentationStep WholeImage = new(AugmentationKind.Box, 0, 0, 1, 1);

    private readonly BoxSampler _sampler = new();
    private Planes _planes, _spare;

    /// <summary>Changes an image.</summary>
    /// <param name="source">uint8 [height, width, 3].</param>
    /// <param name="height">Rows.</param>
    /// <param name="width">Columns.</param>
    /// <param name="steps">What to do, in order.</param>
    /// <param name="destination">uint8 [height, width, 3]; must not overlap the source.</param>
    public void Apply(ReadOnlySpan<byte> source, int height, int width, ReadOnlySpan<AugmentationStep> steps, Span<byte> destination)
    {
        if (steps.IsEmpty)
            source.CopyTo(destination);
        else
            Run(source, height, width, steps, destination);
    }

    /// <summary>The same without the last rounding: float32 [height, width, 3] in [0, 1], for comparing single augmentations.</summary>
    public float[] ApplyToFloat(ReadOnlySpan<byte> source, int height, int width, ReadOnlySpan<AugmentationStep> steps)
    {
        Run(source, height, width, steps, default);
        var result = new float[height * width * 3];
        for (var i = 0; i < result.Length; i++)
            result[i] = _planes.Row(i % 3, i / 3 / width)[i / 3 % width];
        return result;
    }

    private void Run(ReadOnlySpan<byte> source, int height, int width, ReadOnlySpan<AugmentationStep> steps, Span<byte> destination)
    {
        _planes.Prepare(height, width);
        var startsWithBox = steps[0].Kind == AugmentationKind.Box;
        _sampler.Prepare(height, width, startsWithBox ? steps[0] : WholeImage);
        var first = startsWithBox ? 1 : 0;
        var mean = (R: 0f, G: 0f, B: 0f);
        for (var pass = 0; ; pass++)
        {
            // A pass ends before the next step that needs the finished image. Contrast begins one: its mean is known now.
            var end = first;
            while (end < steps.Length && (steps[end].Kind is not (AugmentationKind.Box or AugmentationKind.Contrast) || (end == first && pass > 0 && steps[end].Kind == AugmentationKind.Contrast)))
                end++;
            var isLast = end == steps.Length;
            var sum = (R: 0.0, G: 0.0, B: 0.0);
            for (var y = 0; y < height; y++)
            {
                Span<float> r = _planes.Row(0, y), g = _planes.Row(1, y), b = _planes.Row(2, y);
                if (pass == 0)
                    _sampler.Read(y, source, r, g, b);
                foreach (var step in steps[first..end])
                    Change(step, mean, r, g, b);
                if (!isLast)
                    sum = (sum.R + ColorKernels.Sum(r, width), sum.G + ColorKernels.Sum(g, width), sum.B + ColorKernels.Sum(b, width));
                else if (!destination.IsEmpty)
                    ColorKernels.StoreBytes(r, g, b, destination.Slice(y * width * 3, width * 3));
            }

            if (isLast)
                return;
            first = end;
            if (steps[end].Kind == AugmentationKind.Contrast)
            {
                double n = height * width;
                mean = ((float)(sum.R / n), (float)(sum.G / n), (float)(sum.B / n));
            }
            else
            {
                _spare.Prepare(height, width);
                _planes.Sample(steps[end], _spare);
                (_planes, _spare) = (_spare, _planes);
                first++;
                // What follows a crop may be a contrast, whose mean is not known yet: an empty pass takes it.
                if (first < steps.Length && steps[first].Kind == AugmentationKind.Contrast)
                    mean = _planes.Mean();
            }
        }
    }

    private static void Change(in AugmentationStep step, (float R, float G, float B) mean, Span<float> r, Span<float> g, Span<float> b)
    {
        switch (step.Kind)
        {
            case AugmentationKind.Brightness:
                ColorKernels.Brightness(r, g, b, step.A);
                break;
            case AugmentationKind.Contrast:
                ColorKernels.Contrast(r, g, b, step.A, mean);
                break;
            case AugmentationKind.Saturation:
                ColorKernels.Saturation(r, g, b, step.A);
                break;
            default:
                ColorKernels.Hue(r, g, b, step.A);
                break;
        }
    }

    /// <summary>Three planes of float32; rows are padded for the kernels.</summary>
    private struct Planes
    {
        private float[] _values;
        private int _height, _width, _stride;

        public void Prepare(int height, int width)
        {
            (_height, _width, _stride) = (height, width, BoxSampler.Padded(width));
            if (_values is null || _values.Length < 3 * height * _stride)
                _values = new float[3 * height * _stride];
        }

        public readonly Span<float> Row(int channel, int y) => _values.AsSpan(((channel * _height) + y) * _stride, _stride);

        public readonly (float R, float G, float B) Mean() => (Mean(0), Mean(1), Mean(2));

        /// <summary>As <see cref="BoxSampler"/>, for the rare crop or flip that is not the first step.</summary>
        public readonly void Sample(in AugmentationStep box, in Planes destination)
        {
            var (top, yStep) = BoxSampler.Line(box.A, box.C, _height);
            var (left, xStep) = BoxSampler.Line(box.B, box.D, _width);
            for (var y = 0; y < _height; y++)
            {
                var (y0, y1, yMix) = BoxSampler.Neighbours(top + (y * yStep), _height);
                for (var c = 0; c < 3; c++)
                {
                    Span<float> upper = Row(c, y0), lower = Row(c, y1), target = destination.Row(c, y);
                    for (var x = 0; x < _width; x++)
                    {
                        var (x0, x1, xMix) = BoxSampler.Neighbours(left + (x * xStep), _width);
                        var a = upper[x0] + ((upper[x1] - upper[x0]) * xMix);
                        var b = lower[x0] + ((lower[x1] - lower[x0]) * xMix);
                        target[x] = a + ((b - a) * yMix);
                    }
                }
            }
        }

        private readonly float Mean(int channel)
        {
            var sum = 0.0;
            for (var y = 0; y < _height; y++)
                sum += ColorKernels.Sum(Row(channel, y), _width);
            return (float)(sum / (_height * _width));
        }
    }
}
