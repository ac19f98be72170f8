namespace CrossFormer.Policies;

/// <summary>A policy proposed NaN or an infinity. Nothing of it was sent to the robot.</summary>
public sealed class NonFiniteActionException : ArithmeticException
{
    internal NonFiniteActionException(int step, int dimension, string name, float value)
        : base($"The policy proposed {value} for '{name}' (dimension {dimension}, step {step} of the chunk). Nothing of it was sent to the robot.") =>
        (Step, Dimension, Name, Value) = (step, dimension, name, value);

    /// <summary>Step of the chunk; 0 when an action that several chunks were averaged to was checked.</summary>
    public int Step { get; }

    /// <summary>Index of the action dimension.</summary>
    public int Dimension { get; }

    /// <summary>Name of the action dimension in the profile.</summary>
    public string Name { get; }

    /// <summary>NaN or an infinity.</summary>
    public float Value { get; }
}
