using CrossFormer.Images;
using CrossFormer.Processes;

namespace CrossFormer.Simulation.Rendering;

/// <summary>
/// What draws: OSMesa if it is here, else EGL. One of the two for the whole process, for MuJoCo takes its functions from
/// whichever OpenGL library it finds loaded. Their images are the same.
/// </summary>
public static class OffscreenGl
{
    /// <summary>What holds OSMesa's path when it lies elsewhere.</summary>
    public const string OsMesaVariable = "CROSSFORMER_OSMESA";

    /// <summary>What holds EGL's path when it lies elsewhere.</summary>
    public const string EglVariable = "CROSSFORMER_EGL";

    private static readonly Lazy<(Func<IGlContext> Create, string Path)> Chosen = new(Choose);

    /// <summary>Where the renderer was found.</summary>
    /// <exception cref="RenderingException">There is none; says what to install.</exception>
    public static string Path => Chosen.Value.Path;

    /// <summary>Why cameras cannot be drawn here; null when they can.</summary>
    public static string? Problem
    {
        get
        {
            try
            {
                Create().Dispose();
                return null;
            }
            catch (RenderingException e)
            {
                return e.Message;
            }
        }
    }

    /// <summary>A context for the thread that calls.</summary>
    /// <exception cref="RenderingException">There is no renderer.</exception>
    internal static IGlContext Create()
    {
        try
        {
            return Chosen.Value.Create();
        }
        catch (EntryPointNotFoundException e)
        {
            throw new RenderingException($"{Path} does not draw: {e.Message}");
        }
    }

    private static (Func<IGlContext> Create, string Path) Choose()
    {
        // Pictures of 96×96 are too small to repay Mesa's threads for rasterising.
        NativeEnvironment.SetDefault("LP_NUM_THREADS", "0");
        try
        {
            var (library, path) = NativeLibraryFinder.Load("OSMesa", OsMesaVariable, "libOSMesa.so.8", "libOSMesa.so.6");
            return (() => new OsMesaContext(library), path);
        }
        catch (DllNotFoundException withoutOsMesa)
        {
            try
            {
                var (library, path) = NativeLibraryFinder.Load("EGL", EglVariable, "libEGL.so.1");
                return (() => new EglContext(library), path);
            }
            catch (DllNotFoundException)
            {
                throw new RenderingException($"Simulated cameras need OSMesa (Debian's package libosmesa6) or EGL (libegl1 and libgl1-mesa-dri). {withoutOsMesa.Message}");
            }
        }
    }
}
