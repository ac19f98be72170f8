namespace CrossFormer.Simulation.Rendering;

/// <summary>An OpenGL context that needs no display. Belongs to the thread that made it.</summary>
internal interface IGlContext : IDisposable
{
    /// <summary>Makes it the thread's current context.</summary>
    void MakeCurrent();
}
