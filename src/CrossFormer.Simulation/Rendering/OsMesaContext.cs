using System.Runtime.InteropServices;

namespace CrossFormer.Simulation.Rendering;

/// <summary>Mesa's software renderer into memory: no driver, no display.</summary>
internal sealed unsafe class OsMesaContext : IGlContext
{
    private const uint Rgba = 0x1908, UnsignedByte = 0x1401;
    private const int Side = 16; // of the window's buffer, which nothing is drawn to: MuJoCo draws to one of its own

    private readonly delegate* unmanaged<nint, void*, uint, int, int, byte> _makeCurrent;
    private readonly delegate* unmanaged<nint, void> _destroy;
    private readonly void* _buffer;
    private nint _context;

    /// <param name="library">libOSMesa's handle.</param>
    public OsMesaContext(nint library)
    {
        _makeCurrent = (delegate* unmanaged<nint, void*, uint, int, int, byte>)NativeLibrary.GetExport(library, "OSMesaMakeCurrent");
        _destroy = (delegate* unmanaged<nint, void>)NativeLibrary.GetExport(library, "OSMesaDestroyContext");
        var create = (delegate* unmanaged<uint, int, int, int, nint, nint>)NativeLibrary.GetExport(library, "OSMesaCreateContextExt");
        _context = create(Rgba, 24, 8, 0, 0);
        if (_context == 0)
            throw new RenderingException("OSMesa gives no OpenGL context.");
        _buffer = NativeMemory.AllocZeroed(Side * Side * 4);
    }

    public void MakeCurrent()
    {
        if (_makeCurrent(_context, _buffer, UnsignedByte, Side, Side) == 0)
            throw new RenderingException("OSMesa cannot make its OpenGL context current.");
    }

    public void Dispose()
    {
        if (_context == 0)
            return;
        _destroy(_context);
        _context = 0;
        NativeMemory.Free(_buffer);
    }
}
