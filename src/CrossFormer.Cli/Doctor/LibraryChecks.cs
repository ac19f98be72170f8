using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using CrossFormer.Arrays;
using CrossFormer.Images;
using CrossFormer.Simulation.MuJoCo;
using Microsoft.ML.OnnxRuntime;
using TorchSharp;

namespace CrossFormer.Cli.Doctor;

/// <summary>Native libraries and programs: each is loaded and asked something, for a file's presence proves little.</summary>
internal static class LibraryChecks
{
    /// <summary>libtorch, by one product of two tensors.</summary>
    public static Check LibTorch()
    {
        try
        {
            using var scope = torch.NewDisposeScope();
            var sum = torch.ones(8, 8).mm(torch.ones(8, 8)).sum().item<float>();
            return sum == 512
                ? Check.Good($"libtorch {torch.__version__}, {torch.get_num_threads()} threads")
                : Check.Broken($"a product of ones summed to {sum}, expected 512", Rebuild);
        }
        catch (Exception e) when (e is TypeInitializationException or DllNotFoundException or NotSupportedException or ExternalException)
        {
            return Check.Broken(e.GetBaseException().Message, Rebuild);
        }
    }

    /// <summary>A CUDA device that this build can use.</summary>
    public static Check Cuda()
    {
        if (!File.Exists("/dev/nvidia0"))
            return Check.Lacking("no NVIDIA device");
        try
        {
            return torch.cuda.is_available()
                ? Check.Good($"{torch.cuda.device_count()} device(s)")
                : Check.Lacking("there is an NVIDIA device, but this build is for the processor", "CROSSFORMER_BACKEND=cuda ./crossformer doctor");
        }
        catch (Exception e) when (e is TypeInitializationException or DllNotFoundException or NotSupportedException or ExternalException)
        {
            return Check.Lacking("libtorch does not load");
        }
    }

    /// <summary>The codec of what cameras and datasets hold: one image there and back, and whether its pixels are the reference's.</summary>
    public static Check JpegCodec()
    {
        try
        {
            var decoded = ImageCodec.Decode(ImageCodec.EncodeJpeg(NdArray.Zeros(DType.UInt8, 16, 16, 3)));
            if (decoded.AsSpan<byte>().ContainsAnyExcept((byte)0))
                return Check.Broken("a black image came back with other colours", InstallNative);
            var codec = ImageCodec.JpegCodecInUse;
            return codec.IsExact ? Check.Good(codec.Description) : Check.Lacking($"no libjpeg-turbo: {codec.Description}", InstallNative);
        }
        catch (Exception e) when (e.GetBaseException() is DllNotFoundException or EntryPointNotFoundException)
        {
            return Check.Broken(e.GetBaseException().Message, InstallNative);
        }
    }

    /// <summary>ONNX Runtime, which runs sentence encoders.</summary>
    public static Check OnnxRuntime()
    {
        try
        {
            return Check.Good($"ONNX Runtime {OrtEnv.Instance().GetVersionString()}");
        }
        catch (Exception e) when (e is TypeInitializationException or DllNotFoundException or OnnxRuntimeException)
        {
            return Check.Lacking($"{e.GetBaseException().Message}; instructions come from embedding tables only", Rebuild);
        }
    }

    /// <summary>A renderer that needs no display: one context is made.</summary>
    public static Check OffscreenGl() => Simulation.Rendering.OffscreenGl.Problem is { } problem
        ? Check.Lacking($"simulated cameras cannot be drawn: {problem}", InstallNative)
        : Check.Good(Simulation.Rendering.OffscreenGl.Path);

    /// <summary>MuJoCo, in the version whose structures are known.</summary>
    public static Check MuJoCo() => MuJoCoLibrary.Problem is { } problem
        ? Check.Lacking($"robots cannot be simulated: {problem}", InstallNative)
        : Check.Good($"MuJoCo 2.2.2, {MuJoCoLibrary.Path}");

    /// <summary>ffmpeg, a program of its own, which reads videos.</summary>
    public static async Task<Check> FfmpegAsync(CancellationToken cancellation)
    {
        var lacking = Check.Lacking("not on PATH: videos cannot be read", "apt-get install -y ffmpeg");
        try
        {
            using var process = Process.Start(new ProcessStartInfo("ffmpeg", "-version") { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var line = await process.StandardOutput.ReadLineAsync(cancellation);
            process.Kill();
            return line is { Length: > 0 } ? Check.Good(line.Split(" Copyright")[0]) : lacking;
        }
        catch (Win32Exception)
        {
            return lacking;
        }
    }

    // The launcher's build restores the packages that carry these libraries.
    private const string Rebuild = "dotnet build src/CrossFormer.Cli -c Release --no-incremental";

    private const string InstallNative = "build/install-native.sh";
}
