using CrossFormer.Data.Conversion;
using CrossFormer.Data.Conversion.Video;
using CrossFormer.Testing;

namespace CrossFormer.Data.Tests.Conversion;

public sealed class VideoReaderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static string Video => Goldens.File("foreign", "lerobot_v30", "videos", "observation.images.front", "chunk-000", "file-000.mp4");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Frames_HaveTheirOwnTimesWhereverReadingBegins()
    {
        var all = new VideoReader().Read(Video).ToList();
        Assert.Equal(20, all.Count);
        Assert.All(all.Index(), f => Assert.Equal(f.Index * 0.1, f.Item.Seconds, 1e-6));

        var later = new VideoReader().Read(Video, from: 1.2).ToList();
        Assert.InRange(later[0].Seconds, 0.6, 1.2);
        foreach (var frame in later)
            Assert.Equal(all.Single(f => Math.Abs(f.Seconds - frame.Seconds) < 1e-6).Pixels.Bytes.ToArray(), frame.Pixels.Bytes.ToArray());
    }

    [Fact]
    public void ATimeWithoutAFrame_IsNamed() =>
        Assert.Contains("no frame at 0.1500 s", Assert.Throws<EpisodeSourceException>(() => TimedFrames.At(new VideoReader(), Video, [0, 0.1, 0.15], 1e-4).Count()).Message);

    [Fact]
    public void WithoutFfmpeg_TheErrorSaysHowToGetIt() =>
        Assert.Contains("apt-get install -y --no-install-recommends ffmpeg", Assert.Throws<EpisodeSourceException>(() => new VideoReader("no-such-ffmpeg").Read(Video).Count()).Message);

    [Fact]
    public void AHangingProgram_IsEnded()
    {
        var program = Program("[ \"$1\" = -version ] && exit 0; sleep 600");
        Assert.Contains("delivered nothing for 0.3 s", Assert.Throws<EpisodeSourceException>(() => new VideoReader(program, TimeSpan.FromSeconds(0.3)).Read(Video).Count()).Message);
    }

    [Fact]
    public void AProgramThatFails_IsQuoted()
    {
        var program = Program("echo out of luck >&2; exit 3");
        var message = Assert.Throws<EpisodeSourceException>(() => new VideoReader(program).Read(Video).Count()).Message;
        Assert.Contains("exit code 3", message);
        Assert.Contains("out of luck", message);
    }

    [Theory]
    [InlineData("this is no video")]
    [InlineData("ffconcat version 1.0\nfile 'secret.mp4'\n")] // A list of other files.
    [InlineData("#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nsecret.mp4\n#EXT-X-ENDLIST\n")]
    public void WhatIsNoVideo_IsRefused(string content)
    {
        File.Copy(Video, _folder.File("secret.mp4"));
        var path = _folder.Write("video.mp4", System.Text.Encoding.UTF8.GetBytes(content));
        Assert.Contains("cannot decode", Assert.Throws<EpisodeSourceException>(() => new VideoReader().Read(path).Count()).Message);
    }

    [Fact]
    public void ATruncatedVideo_IsAnError()
    {
        var whole = File.ReadAllBytes(Video);
        var path = _folder.Write("cut.mp4", whole.AsSpan(0, whole.Length / 2));
        Assert.Throws<EpisodeSourceException>(() => new VideoReader().Read(path).Count());
    }

    private string Program(string script)
    {
        var path = _folder.Write("ffmpeg", System.Text.Encoding.UTF8.GetBytes($"#!/bin/sh\n{script}\n"));
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }
}
