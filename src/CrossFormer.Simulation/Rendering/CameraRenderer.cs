using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using CrossFormer.Arrays;
using CrossFormer.Simulation.MuJoCo;

namespace CrossFormer.Simulation.Rendering;

/// <summary>
/// Draws a simulation's cameras. OpenGL belongs to a thread, and a call from another leaves the picture silently untouched:
/// so the renderer has a thread of its own, and whoever asks for a picture waits for it.
/// </summary>
internal sealed unsafe class CameraRenderer : IDisposable
{
    private const int MaxGeoms = 2000;

    // Mesa's software renderer looks through the scenes of all contexts of the process, without asking their threads (Mesa 22.3: a crash in
    // lp_scene_is_resource_referenced after some ten thousand pictures of two renderers): so one draws at a time.
    private static readonly Lock OneAtATime = new();

    private readonly BlockingCollection<Action> _work = [];
    private readonly Thread _thread;
    private readonly Physics _physics;
    private readonly mjvScene* _scene = New<mjvScene>();
    private readonly mjrContext* _context = New<mjrContext>();
    private readonly mjvOption* _options = New<mjvOption>();
    private readonly mjvPerturb* _perturbation = New<mjvPerturb>();
    private readonly mjvCamera* _camera = New<mjvCamera>();
    private IGlContext? _gl;

    /// <summary>Opens a renderer for a simulation; frames may be as large as the model's <c>visual/global</c> says.</summary>
    /// <exception cref="RenderingException">There is no OpenGL.</exception>
    public CameraRenderer(Physics physics)
    {
        _physics = physics;
        _thread = new Thread(Draw) { IsBackground = true, Name = "camera renderer" };
        _thread.Start();
        try
        {
            Run(Open);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>What a camera sees now.</summary>
    /// <param name="camera">The camera's id in the model.</param>
    /// <param name="height">Height in pixels.</param>
    /// <param name="width">Width in pixels.</param>
    /// <returns>uint8 [height, width, 3], RGB.</returns>
    public NdArray Render(int camera, int height, int width)
    {
        var (maxWidth, maxHeight) = (_physics.Model->vis.global.offwidth, _physics.Model->vis.global.offheight);
        if (height < 1 || width < 1 || height > maxHeight || width > maxWidth)
            throw new ArgumentOutOfRangeException(nameof(height), $"A frame has 1 to {maxHeight} by {maxWidth} pixels, asked for {height} by {width}.");
        var pixels = new byte[height * width * 3];
        Run(() => Render(camera, height, width, pixels));
        return NdArray.From(pixels, height, width, 3);
    }

    public void Dispose()
    {
        if (_work.IsAddingCompleted)
            return;
        _work.CompleteAdding();
        _thread.Join();
        _work.Dispose();
        NativeMemory.Free(_scene);
        NativeMemory.Free(_context);
        NativeMemory.Free(_options);
        NativeMemory.Free(_perturbation);
        NativeMemory.Free(_camera);
    }

    private static T* New<T>() where T : unmanaged => (T*)NativeMemory.AllocZeroed((nuint)sizeof(T));

    private void Run(Action work)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _work.Add(() =>
        {
            try
            {
                lock (OneAtATime)
                    work();
                done.SetResult();
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        });
        done.Task.GetAwaiter().GetResult();
    }

    private void Draw()
    {
        foreach (var work in _work.GetConsumingEnumerable())
            work();
        if (_gl is null)
            return;
        lock (OneAtATime)
        {
            Mj.mjr_freeContext(_context);
            Mj.mjv_freeScene(_scene);
            _gl.Dispose();
        }
    }

    private void Open()
    {
        var gl = OffscreenGl.Create();
        gl.MakeCurrent();
        Mj.mjv_defaultScene(_scene);
        Mj.mjv_defaultOption(_options);
        Mj.mjv_defaultPerturb(_perturbation);
        Mj.mjv_defaultCamera(_camera);
        Mj.mjr_defaultContext(_context);
        Mj.mjv_makeScene(_physics.Model, _scene, MaxGeoms);
        Mj.mjr_makeContext(_physics.Model, _context, 100);
        _gl = gl;
        Mj.mjr_setBuffer((int)mjtFramebuffer.mjFB_OFFSCREEN, _context);
        if (_context->currentBuffer != (int)mjtFramebuffer.mjFB_OFFSCREEN)
            throw new RenderingException($"{OffscreenGl.Path}: OpenGL has no framebuffer to draw to.");
        _scene->flags[(int)mjtRndFlag.mjRND_REFLECTION] = 0;
    }

    private void Render(int camera, int height, int width, byte[] pixels)
    {
        var view = new mjrRect { width = width, height = height };
        (_camera->type, _camera->fixedcamid) = ((int)mjtCamera.mjCAMERA_FIXED, camera);
        Mj.mjv_updateScene(_physics.Model, _physics.Data, _options, _perturbation, _camera, (int)mjtCatBit.mjCAT_ALL, _scene);
        Mj.mjr_setBuffer((int)mjtFramebuffer.mjFB_OFFSCREEN, _context);
        Mj.mjr_render(view, _scene, _context);
        var row = width * 3;
        var upsideDown = new byte[pixels.Length]; // OpenGL's first row is the lowest
        fixed (byte* p = upsideDown)
            Mj.mjr_readPixels(p, null, view, _context);
        for (var y = 0; y < height; y++)
            upsideDown.AsSpan((height - 1 - y) * row, row).CopyTo(pixels.AsSpan(y * row));
    }
}
