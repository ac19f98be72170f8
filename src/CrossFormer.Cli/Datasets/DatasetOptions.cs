using System.CommandLine;
using System.Globalization;
using System.Text.RegularExpressions;
using CrossFormer.Data.Conversion;
using CrossFormer.Data.Frames;
using CrossFormer.Images;

namespace CrossFormer.Cli.Datasets;

/// <summary>Options of the verbs that write datasets.</summary>
internal static partial class DatasetOptions
{
    /// <summary>The folder that datasets are written to.</summary>
    public static Argument<string> Out() => new("OUT") { Description = "the folder in which datasets lie; the new one becomes OUT/NAME/VERSION" };

    public static Option<string?> Name(string fallback) => new("--name") { Description = $"the dataset's name: letters, digits, underscores ({fallback} by default)", HelpName = "NAME" };

    public static Option<string?> Resize() => new("--resize") { Description = "size of the images: 256 for 256x256, or 240x320 (rows x columns); their own by default", HelpName = "N|HxW" };

    public static Option<int> JpegQuality() => new("--jpeg-quality") { Description = "1 to 100, libjpeg's scale", HelpName = "N", DefaultValueFactory = _ => new ImageStorage().JpegQuality };

    public static Option<bool> Png() => new("--png") { Description = "store images as PNG: no loss, several times larger" };

    public static Option<bool> Force() => new("--force") { Description = "replace a finished dataset of that name and version" };

    /// <summary>An option that names features, each beginning with <c>observation/</c> or without it.</summary>
    public static Option<string[]> Features(string name, string description) =>
        new(name) { Description = description, HelpName = "KEY", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [] };

    /// <summary>What <see cref="Resize"/>, <see cref="JpegQuality"/> and <see cref="Png"/> say together.</summary>
    /// <exception cref="UsageException">A value is out of range.</exception>
    public static ImageStorage Images(string? resize, int quality, bool png)
    {
        if (quality is < 1 or > 100)
            throw new UsageException($"--jpeg-quality: expected 1 to 100, got {quality}.");
        return new ImageStorage { Format = png ? ImageFormat.Png : ImageFormat.Jpeg, JpegQuality = quality, Size = resize is null ? null : Size(resize) };
    }

    private static ImageSize Size(string text)
    {
        var match = SizePattern().Match(text);
        if (!match.Success)
            throw new UsageException($"--resize: expected a number such as 256, or rows and columns such as 240x320; got '{text}'.");
        var height = int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
        return new ImageSize(height, match.Groups[2].Success ? int.Parse(match.Groups[2].ValueSpan, CultureInfo.InvariantCulture) : height);
    }

    [GeneratedRegex(@"^([1-9]\d{0,4})(?:x([1-9]\d{0,4}))?$")]
    private static partial Regex SizePattern();
}
