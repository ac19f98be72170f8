using System.Runtime.InteropServices;

namespace CrossFormer.Images;

/// <summary>
/// Finds a native library that no NuGet package brings. Search order: an environment variable, the nearest
/// <c>.native/</c> folder at or above the application (where <c>build/install-native.sh</c> unpacks), the system.
/// </summary>
public static class NativeLibraryFinder
{
    /// <summary>A value of the environment variable: the library counts as absent.</summary>
    public const string None = "none";

    /// <summary>Loads the library.</summary>
    /// <param name="name">What to call it in errors, for example <c>TurboJPEG</c>.</param>
    /// <param name="environmentVariable">Holds the library's path, or <see cref="None"/>, if set; then nothing else is tried.</param>
    /// <param name="fileNames">File names to try, the preferred one first, for example <c>libturbojpeg.so.0</c>.</param>
    /// <returns>The handle, and where it was found: a path, or a file name that the system resolved.</returns>
    /// <exception cref="DllNotFoundException">Found nowhere; says what was tried and what to run.</exception>
    public static (nint Handle, string Path) Load(string name, string environmentVariable, params IReadOnlyList<string> fileNames)
    {
        if (Environment.GetEnvironmentVariable(environmentVariable) is { Length: > 0 } named)
        {
            if (named == None)
                throw new DllNotFoundException($"{name} is left out, for {environmentVariable} is '{None}'. Unset the variable.");
            return NativeLibrary.TryLoad(named, out var handle)
                ? (handle, named)
                : throw new DllNotFoundException($"{name}: {environmentVariable} is '{named}', which cannot be loaded. Name the library's file, or unset the variable.");
        }

        foreach (var path in fileNames.SelectMany(NativeFolders, (file, folder) => Path.Combine(folder, file)).Concat(fileNames))
        {
            if (NativeLibrary.TryLoad(path, out var handle) || LoadNeighbours(path) && NativeLibrary.TryLoad(path, out handle))
                return (handle, path);
        }

        throw new DllNotFoundException(
            $"{name} ({string.Join(", ", fileNames)}) is neither in a .native folder at or above {AppContext.BaseDirectory} nor on this system. " +
            $"Run build/install-native.sh, or set {environmentVariable} to the library's path.");
    }

    private static IEnumerable<string> NativeFolders(string _)
    {
        for (var d = new DirectoryInfo(AppContext.BaseDirectory); d is not null; d = d.Parent)
        {
            var native = Path.Combine(d.FullName, ".native");
            if (Directory.Exists(native))
                yield return native;
        }
    }

    // What an unpacked library needs may lie beside it, where the system's linker does not look. Once loaded, it is found by
    // its name; the order is found by trying.
    private static bool LoadNeighbours(string path)
    {
        if (!File.Exists(path))
            return false;
        var left = Directory.GetFiles(Path.GetDirectoryName(path)!, "lib*.so*").Where(f => f != path).ToList();
        for (var loaded = true; loaded;)
            loaded = left.RemoveAll(f => NativeLibrary.TryLoad(f, out _)) > 0;
        return true;
    }
}
