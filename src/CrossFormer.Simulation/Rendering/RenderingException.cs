namespace CrossFormer.Simulation.Rendering;

/// <summary>Nothing here can draw without a display.</summary>
public sealed class RenderingException : Exception
{
    /// <summary>Says what is missing and what to install.</summary>
    public RenderingException(string message) : base(message)
    {
    }
}
