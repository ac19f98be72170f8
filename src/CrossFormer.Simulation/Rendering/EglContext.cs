using System.Runtime.InteropServices;

namespace CrossFormer.Simulation.Rendering;

/// <summary>EGL without a surface, by Mesa.</summary>
internal sealed unsafe class EglContext : IGlContext
{
    private const uint PlatformSurfacelessMesa = 0x31DD, OpenGlApi = 0x30A2;

    // Attribute, value, …: a surface that can be a pbuffer, OpenGL, 8 bits a colour, 24 of depth, 8 of stencil; then the end.
    private static readonly int[] Attributes = [0x3033, 0x0001, 0x3040, 0x0008, 0x3024, 8, 0x3023, 8, 0x3022, 8, 0x3021, 8, 0x3025, 24, 0x3026, 8, 0x3038];

    private readonly nint _library;
    private readonly nint _display;
    private nint _context;

    /// <param name="library">libEGL's handle.</param>
    public EglContext(nint library)
    {
        _library = library;
        _display = ((delegate* unmanaged<uint, nint, nint*, nint>)Function("eglGetPlatformDisplay"))(PlatformSurfacelessMesa, 0, null);
        if (_display == 0 || ((delegate* unmanaged<nint, int*, int*, int>)Function("eglInitialize"))(_display, null, null) == 0)
            throw new RenderingException("EGL has no surfaceless display (Mesa's libegl-mesa0 and libgl1-mesa-dri bring one).");
        nint configuration;
        int found;
        fixed (int* attributes = Attributes)
        {
            if (((delegate* unmanaged<nint, int*, nint*, int, int*, int>)Function("eglChooseConfig"))(_display, attributes, &configuration, 1, &found) == 0 || found == 0)
                throw new RenderingException("EGL has no configuration with OpenGL, depth and stencil.");
        }

        _ = ((delegate* unmanaged<uint, int>)Function("eglBindAPI"))(OpenGlApi);
        _context = ((delegate* unmanaged<nint, nint, nint, int*, nint>)Function("eglCreateContext"))(_display, configuration, 0, null);
        if (_context == 0)
            throw new RenderingException("EGL gives no OpenGL context.");
    }

    public void MakeCurrent()
    {
        if (SetCurrent(_context) == 0)
            throw new RenderingException("EGL cannot make its OpenGL context current.");
    }

    // The display is the process's: other contexts may live on it.
    public void Dispose()
    {
        if (_context == 0)
            return;
        _ = SetCurrent(0);
        _ = ((delegate* unmanaged<nint, nint, int>)Function("eglDestroyContext"))(_display, _context);
        _context = 0;
    }

    private nint Function(string name) => NativeLibrary.GetExport(_library, name);

    private int SetCurrent(nint context) => ((delegate* unmanaged<nint, nint, nint, nint, int>)Function("eglMakeCurrent"))(_display, 0, 0, context);
}
