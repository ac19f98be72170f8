using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace CrossFormer.Images;

/// <summary>
/// The functions of libjpeg-turbo's TurboJPEG interface that we call (version 2 names, which version 3 still exports).
/// Source: turbojpeg.h.
/// </summary>
internal static unsafe partial class TurboJpeg
{
    public const int PixelRgb = 0, PixelGray = 6, PixelRgba = 7;
    public const int SubsamplingGray = 3;
    public const int ColorspaceGray = 2, ColorspaceCmyk = 3;
    public const int FlagFastDct = 2048, FlagAccurateDct = 4096, FlagLimitScans = 32768, FlagNoRealloc = 1024;
    public const int ErrorWarning = 0;

    /// <summary>Holds the library's path, or <c>none</c>.</summary>
    public const string EnvironmentVariable = "CROSSFORMER_LIBTURBOJPEG";

    private const string Library = "turbojpeg";

    private static readonly Lazy<(nint Handle, string Path)> Loaded = new(() => NativeLibraryFinder.Load(
        "TurboJPEG", EnvironmentVariable,
        OperatingSystem.IsWindows() ? ["turbojpeg.dll"] : OperatingSystem.IsMacOS() ? ["libturbojpeg.0.dylib", "libturbojpeg.dylib"] : ["libturbojpeg.so.0"]));

    // A handle costs an allocation of some 20 kB with its tables; a frame of 64x64 decodes in less than that takes.
    private static readonly ConcurrentBag<Codec> Decoders = [], Encoders = [];

    static TurboJpeg() =>
        NativeLibrary.SetDllImportResolver(typeof(TurboJpeg).Assembly, static (name, _, _) => name == Library ? Loaded.Value.Handle : 0);

    /// <summary>Where the library was found.</summary>
    /// <exception cref="DllNotFoundException">It was not.</exception>
    public static string LibraryPath => Loaded.Value.Path;

    public static Codec RentDecoder() => Decoders.TryTake(out var codec) ? codec : new Codec(InitDecompress());

    public static Codec RentEncoder() => Encoders.TryTake(out var codec) ? codec : new Codec(InitCompress());

    public static void ReturnDecoder(Codec codec) => Decoders.Add(codec);

    public static void ReturnEncoder(Codec codec) => Encoders.Add(codec);

    /// <summary>The last error's text; valid until the next call on the handle.</summary>
    public static string Message(Codec codec) => Marshal.PtrToStringUTF8(GetErrorStr2(codec)) ?? "unknown error";

    [LibraryImport(Library, EntryPoint = "tjInitDecompress")]
    private static partial nint InitDecompress();

    [LibraryImport(Library, EntryPoint = "tjInitCompress")]
    private static partial nint InitCompress();

    [LibraryImport(Library, EntryPoint = "tjDestroy")]
    private static partial int Destroy(nint handle);

    [LibraryImport(Library, EntryPoint = "tjDecompressHeader3")]
    public static partial int DecompressHeader3(
        Codec handle, byte* data, CULong size, out int width, out int height, out int subsampling, out int colorspace);

    [LibraryImport(Library, EntryPoint = "tjDecompress2")]
    public static partial int Decompress2(
        Codec handle, byte* data, CULong size, byte* destination, int width, int pitch, int height, int pixelFormat, int flags);

    [LibraryImport(Library, EntryPoint = "tjCompress2")]
    public static partial int Compress2(
        Codec handle, byte* source, int width, int pitch, int height, int pixelFormat, ref byte* data, ref CULong size, int subsampling, int quality, int flags);

    [LibraryImport(Library, EntryPoint = "tjBufSize")]
    public static partial CULong BufSize(int width, int height, int subsampling);

    [LibraryImport(Library, EntryPoint = "tjGetErrorStr2")]
    private static partial nint GetErrorStr2(Codec handle);

    [LibraryImport(Library, EntryPoint = "tjGetErrorCode")]
    public static partial int GetErrorCode(Codec handle);

    /// <summary>One compressor or decompressor; used by one thread at a time.</summary>
    internal sealed class Codec : SafeHandle
    {
        public Codec(nint handle) : base(0, ownsHandle: true) =>
            SetHandle(handle != 0 ? handle : throw new InvalidOperationException("TurboJPEG could not be initialised (out of memory?)."));

        public override bool IsInvalid => handle == 0;

        protected override bool ReleaseHandle() => Destroy(handle) == 0;
    }
}
