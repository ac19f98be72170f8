using System.Runtime.InteropServices;
using CrossFormer.Images;

namespace CrossFormer.Simulation.MuJoCo;

/// <summary>
/// Finds MuJoCo and checks, before anything is read through a pointer, that it is the library whose structs we have: its
/// version, and the structs' sizes as the C compiler lays them out.
/// </summary>
/// <remarks>
/// MuJoCo calls its error handler where it cannot go on (a broken invariant, no memory), and the handler must not return:
/// the process ends with MuJoCo's message. What a user can get wrong is therefore checked before it reaches MuJoCo, and who
/// must survive such an error (a training run) evaluates in a process of its own: <c>crossformer simulate evaluate</c>.
/// </remarks>
public static unsafe class MuJoCoLibrary
{
    /// <summary>What holds the library's path when it lies elsewhere.</summary>
    public const string EnvironmentVariable = "CROSSFORMER_MUJOCO";

    /// <summary>The one version whose structs are known here: mj_version() of 2.2.2.</summary>
    public const int Version = 222;

    internal const string Name = "mujoco";

    private static readonly Lazy<string> Loaded = new(Load);

    /// <summary>Where MuJoCo was found.</summary>
    /// <exception cref="DllNotFoundException">MuJoCo is not here, or is of another version; says what to install.</exception>
    public static string Path => Loaded.Value;

    /// <summary>Why robots cannot be simulated here; null when they can.</summary>
    public static string? Problem
    {
        get
        {
            try
            {
                _ = Loaded.Value;
                return null;
            }
            catch (DllNotFoundException e)
            {
                return e.Message;
            }
        }
    }

    private static string Load()
    {
        nint library;
        string path;
        try
        {
            (library, path) = NativeLibraryFinder.Load("MuJoCo 2.2.2", EnvironmentVariable, "libmujoco.so.2.2.2");
        }
        catch (DllNotFoundException e)
        {
            throw new DllNotFoundException(
                $"{e.Message} Debian's package is libmujoco2.2.2; elsewhere unpack mujoco-2.2.2-linux-x86_64.tar.gz from github.com/google-deepmind/mujoco/releases and name its lib/libmujoco.so.2.2.2.", e);
        }

        if (!NativeLibrary.TryGetExport(library, "mj_version", out var versionOf))
            throw new DllNotFoundException($"{path} is no MuJoCo: it has no mj_version. Set {EnvironmentVariable} to libmujoco.so.2.2.2.");
        var version = ((delegate* unmanaged<int>)versionOf)();
        if (version != Version)
            throw new DllNotFoundException($"{path} is MuJoCo {version / 100}.{version / 10 % 10}.{version % 10}, expected 2.2.2: its structs differ. Set {EnvironmentVariable} to the right one.");
        CheckLayout();
        *(nint*)NativeLibrary.GetExport(library, "mju_user_error") = (nint)(delegate* unmanaged<byte*, void>)&OnError;
        *(nint*)NativeLibrary.GetExport(library, "mju_user_warning") = (nint)(delegate* unmanaged<byte*, void>)&OnWarning;
        NativeLibrary.SetDllImportResolver(typeof(MuJoCoLibrary).Assembly, (name, _, _) => name == Name ? library : 0);
        return path;
    }

    // As gcc lays out the headers of 2.2.2; all offsets follow when generated fields and sizes agree.
    private static void CheckLayout()
    {
        Check(sizeof(mjModel), 3280, nameof(mjModel));
        Check(sizeof(mjData), 41176, nameof(mjData));
        Check(sizeof(mjvScene), 8656, nameof(mjvScene));
        Check(sizeof(mjrContext), 2304, nameof(mjrContext));
        Check(sizeof(mjvOption), 68, nameof(mjvOption));
        Check(sizeof(mjvCamera), 64, nameof(mjvCamera));
        Check(sizeof(mjContact), 528, nameof(mjContact));
        Check(sizeof(mjvGeom), 248, nameof(mjvGeom));

        static void Check(int found, int expected, string type)
        {
            if (found != expected)
                throw new DllNotFoundException($"{type} has {found} bytes here and {expected} in MuJoCo 2.2.2: run build/GenerateMuJoCoBindings.cs on the headers of 2.2.2.");
        }
    }

    [UnmanagedCallersOnly]
    private static void OnError(byte* message) => Environment.FailFast($"MuJoCo cannot go on: {Marshal.PtrToStringUTF8((nint)message)}");

    // Counted in mjData, where Physics looks after every step; MuJoCo's own handler would write a file into the current folder.
    [UnmanagedCallersOnly]
    private static void OnWarning(byte* message)
    {
    }
}
