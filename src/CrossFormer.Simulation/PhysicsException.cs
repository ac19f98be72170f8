namespace CrossFormer.Simulation;

/// <summary>A model that MuJoCo refuses, or a simulation that it had to reset because numbers ran away.</summary>
public sealed class PhysicsException : Exception
{
    /// <summary>Says what happened.</summary>
    public PhysicsException(string message) : base(message)
    {
    }
}
