namespace CrossFormer.Policies;

/// <summary>
/// Decides which of the predicted actions is executed next. One <see cref="NextAction"/> per control period; a new
/// chunk whenever <see cref="StepsUntilChunk"/> has come to 0 (or earlier or later: a strategy copes with both).
/// </summary>
/// <remarks>Not safe for concurrent calls: whoever runs the control loop owns it.</remarks>
public interface IExecutionStrategy
{
    /// <summary>How many more actions it would execute before it wants another chunk; 0: it wants one now.</summary>
    int StepsUntilChunk { get; }

    /// <summary>Whether <see cref="NextAction"/> has an action to give, if need be beyond the point where a chunk is wanted.</summary>
    bool HasAction { get; }

    /// <summary>Takes a new chunk.</summary>
    /// <param name="chunk">The prediction; all chunks of an episode have the same dimension.</param>
    /// <param name="skip">Leading steps whose time has passed; 0 to horizon − 1. The next action is that of this step.</param>
    /// <exception cref="ArgumentException">The chunk's dimension differs from the earlier chunks', or nothing is left of it.</exception>
    void Accept(ActionChunk chunk, int skip = 0);

    /// <summary>The action of this control period, float32 [dim] in robot units; a new array.</summary>
    /// <exception cref="InvalidOperationException">There is none left: <see cref="HasAction"/> is false.</exception>
    float[] NextAction();

    /// <summary>Forgets all chunks.</summary>
    void Reset();
}
