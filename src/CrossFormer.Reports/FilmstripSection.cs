using CrossFormer.Images;

namespace CrossFormer.Reports;

/// <summary>Frames of an episode in order. Of many, evenly spaced ones are shown, the first and the last always.</summary>
/// <param name="frames">All frames.</param>
public sealed class FilmstripSection(IReadOnlyList<FilmFrame> frames) : ReportSection
{
    /// <summary>How many frames are shown at most; at least 2, 16 by default.</summary>
    public int MaxFrames { get; init; } = 16;

    /// <summary>Frames wider or higher than this many pixels are scaled down and stored as JPEG; 256 by default. Smaller ones stay as they are.</summary>
    public int MaxSide { get; init; } = 256;

    private protected override string? NoteText =>
        frames.Count <= Shown ? Note : $"{Note} {Shown} of {frames.Count} frames, evenly spaced.".TrimStart();

    private int Shown => Math.Min(frames.Count, Math.Max(2, MaxFrames));

    private protected override void WriteBody(HtmlWriter html)
    {
        html.Open("ol", "class", "film");
        for (var i = 0; i < Shown; i++)
        {
            // Rounded positions on the even grid; i * (count - 1) / (shown - 1) hits both ends.
            var frame = frames[Shown == 1 ? 0 : (int)Math.Round(i * (frames.Count - 1.0) / (Shown - 1))];
            html.Open("li").Open("figure");
            WriteImage(html, frame);
            html.Element("figcaption", frame.Caption).Close().Close();
        }

        html.Close();
    }

    private void WriteImage(HtmlWriter html, FilmFrame frame)
    {
        var data = frame.Image;
        var header = ImageCodec.ReadHeader(data.Span, frame.Caption);
        var (height, width) = (header.Height, header.Width);
        var side = Math.Max(height, width);
        var jpeg = header.Format == ImageFormat.Jpeg;
        if (side > MaxSide)
        {
            (height, width) = (Scale(height), Scale(width));
            data = ImageCodec.EncodeJpeg(LanczosResize.Resize(ImageCodec.Decode(data.Span, name: frame.Caption), height, width), quality: 85);
            jpeg = true;
        }

        html.Open(
            "img", "src", $"data:image/{(jpeg ? "jpeg" : "png")};base64,{Convert.ToBase64String(data.Span)}",
            "width", $"{width}", "height", $"{height}", "alt", frame.Caption).Close();

        int Scale(int size) => Math.Max(1, (int)Math.Round(size * (double)MaxSide / side));
    }
}
