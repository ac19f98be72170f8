using System.Collections.Concurrent;
using System.ComponentModel;
using System.Globalization;
using System.Text.RegularExpressions;
using CrossFormer.Arrays;
using CrossFormer.Images;
using CrossFormer.Processes;

namespace CrossFormer.Data.Conversion.Video;

/// <summary>
/// Frames of video files with their exact times, decoded by the system's <c>ffmpeg</c>. Raw pixels come through its standard
/// output; its showinfo filter tells each frame's time on standard error, always before the pixels.
/// </summary>
/// <param name="program">The program's name or path.</param>
/// <param name="patience">A program that delivers nothing for so long is ended; a minute by default.</param>
internal sealed partial class VideoReader(string program = "ffmpeg", TimeSpan? patience = null)
{
    // Containers and streams of frames only: a playlist that calls itself .mp4 could name any file or address.
    private const string Containers = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,h264,hevc,ogg,flv";

    // So far before the asked time a search begins: the container's clock may be a little off its index.
    private const double Margin = 0.25;

    private readonly TimeSpan _patience = patience ?? TimeSpan.FromMinutes(1);
    private readonly Lazy<string> _passthrough = new(() => FrameRateOption(program));

    /// <summary>The frames in the order in which they are shown. Enumerating starts the program, stopping ends it.</summary>
    /// <param name="file">The video.</param>
    /// <param name="from">Frames before this time are of no interest (some of them may come all the same); 0: all frames.</param>
    /// <exception cref="EpisodeSourceException">There is no ffmpeg, or it cannot decode the file, or it hangs.</exception>
    public IEnumerable<VideoFrame> Read(string file, double from = 0)
    {
        if (!File.Exists(file))
            throw new EpisodeSourceException(file, "", "there is no such video");
        // Not disposed: the thread that reads standard error may outlive us by a line.
        var headers = new BlockingCollection<Header>();
        var parser = new HeaderParser(headers);
        using var process = Start(file, Command(file, from), parser.Line, headers.CompleteAdding);
        var isLate = false;
        using var watch = new Timer(_ =>
        {
            isLate = true;
            process.Kill();
        });
        while (true)
        {
            watch.Change(_patience, Timeout.InfiniteTimeSpan);
            if (!headers.TryTake(out var header, Timeout.Infinite))
                break;
            if ((long)header.Height * header.Width is <= 0 or > ImageCodec.MaxPixels)
                throw new EpisodeSourceException(file, "", $"the video has frames of {header.Height}x{header.Width} pixels; at most {ImageCodec.MaxPixels} are read");
            var pixels = new byte[header.Height * header.Width * 3];
            if (process.Output.ReadAtLeast(pixels, pixels.Length, throwOnEndOfStream: false) < pixels.Length)
                break;
            // Whoever takes the frame may take his time.
            watch.Change(Timeout.Infinite, Timeout.Infinite);
            yield return new VideoFrame(header.Seconds, new NdArray(DType.UInt8, [header.Height, header.Width, 3], pixels));
        }

        var code = process.WaitForExit(_patience);
        if (isLate || code is null)
            throw new EpisodeSourceException(file, "", $"ffmpeg delivered nothing for {_patience.TotalSeconds} s and was ended{process.Errors()}");
        if (code != 0)
            throw new EpisodeSourceException(file, "", $"ffmpeg cannot decode the video{process.Ending()}");
    }

    private string[] Command(string file, double from) =>
    [
        // -copyts with -seek_timestamp keeps the file's own clock; -noaccurate_seek leaves the choice of frames to us.
        program, "-hide_banner", "-nostdin", "-nostats", "-loglevel", "info", "-xerror", "-copyts",
        "-seek_timestamp", "1", "-noaccurate_seek", "-ss", Math.Max(0, from - Margin).ToString("F6", CultureInfo.InvariantCulture),
        "-protocol_whitelist", "file,pipe", "-format_whitelist", Containers, "-i", $"file:{Path.GetFullPath(file)}",
        "-map", "0:v:0", "-an", "-vf", "showinfo=checksum=0,scale=flags=bicubic+accurate_rnd+full_chroma_int,format=rgb24",
        _passthrough.Value, "passthrough", "-f", "rawvideo", "pipe:1",
    ];

    private static ChildProcess Start(string file, string[] command, Action<string> onErrorLine, Action onErrorsEnd)
    {
        try
        {
            return ChildProcess.Start(command, onErrorLine, onErrorsEnd);
        }
        catch (Win32Exception e)
        {
            throw new EpisodeSourceException(file, "", $"videos are read by the program '{command[0]}', which cannot be started ({e.Message}): apt-get install -y --no-install-recommends ffmpeg", e);
        }
    }

    // The option changed its name with ffmpeg 5.1; later versions drop the old one.
    private static string FrameRateOption(string program)
    {
        try
        {
            using var process = ChildProcess.Start([program, "-version"]);
            using var reader = new StreamReader(process.Output);
            var line = process.WaitForExit(TimeSpan.FromSeconds(10)) is null ? null : reader.ReadLine();
            return line is not null && VersionPattern().Match(line) is { Success: true } match
                && new Version(match.Groups[1].Value) < new Version(5, 1) ? "-vsync" : "-fps_mode";
        }
        catch (Win32Exception)
        {
            // Starting it in earnest says so.
            return "-fps_mode";
        }
    }

    [GeneratedRegex(@"^ffmpeg version n?(\d{1,4}\.\d{1,4})")]
    private static partial Regex VersionPattern();

    /// <summary>What showinfo says about a frame.</summary>
    private readonly record struct Header(double Seconds, int Height, int Width);

    /// <summary>Picks the frames' headers from the program's standard error.</summary>
    private sealed partial class HeaderParser(BlockingCollection<Header> headers)
    {
        private double _tick = double.NaN;

        public void Line(string line)
        {
            if (!line.StartsWith("[Parsed_showinfo", StringComparison.Ordinal))
                return;
            if (TimeBasePattern().Match(line) is { Success: true } timeBase)
                _tick = Number(timeBase, 1) / Number(timeBase, 2);
            else if (FramePattern().Match(line) is { Success: true } frame)
                headers.Add(new Header(frame.Groups[1].Value == "NOPTS" ? double.NaN : Number(frame, 1) * _tick, (int)Number(frame, 3), (int)Number(frame, 2)));
        }

        private static double Number(Match match, int group) => double.Parse(match.Groups[group].ValueSpan, CultureInfo.InvariantCulture);

        [GeneratedRegex(@"config in time_base: (\d+)/(\d+)")]
        private static partial Regex TimeBasePattern();

        // pts_time has six digits only; pts counts ticks of the time base.
        [GeneratedRegex(@"\] n: *\d+ pts: *(-?\d+|NOPTS) .* s:(\d{1,6})x(\d{1,6}) ")]
        private static partial Regex FramePattern();
    }
}
