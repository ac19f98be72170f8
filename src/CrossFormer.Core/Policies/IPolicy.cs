namespace CrossFormer.Policies;

/// <summary>
/// Observations in, action chunks out, both in robot units. The policy keeps its own history: callers give one
/// observation at a time, in the order of their timestamps.
/// </summary>
/// <remarks>
/// Not safe for concurrent calls; consecutive calls may come from different threads.
/// Reproducible: the same calls after <see cref="Reset"/> give the same bytes on the same machine.
/// </remarks>
public interface IPolicy : IDisposable
{
    /// <summary>The robot that this policy drives.</summary>
    EmbodimentProfile Profile { get; }

    /// <summary>Starts an episode: forgets the history and sets the task.</summary>
    /// <param name="task">What to do.</param>
    /// <exception cref="ArgumentException">The policy cannot follow such a task (no such camera, unknown instruction).</exception>
    void Reset(PolicyTask task);

    /// <summary>Appends the observation to the history and predicts the actions from its time on.</summary>
    /// <param name="observation">Holds at least the cameras and the proprioception that the profile names.</param>
    /// <exception cref="InvalidOperationException">Before the first <see cref="Reset"/>.</exception>
    /// <exception cref="ArgumentException">A camera or proprioception is missing or has the wrong shape.</exception>
    ActionChunk Predict(Observation observation);

    /// <summary>
    /// Appends the observation to the history without predicting. Runners call it at the control steps that execute
    /// actions of an earlier chunk, so that the history holds consecutive frames, as in training. A policy that does
    /// nothing here sees only the frames it predicts from, as behind the reference's server.
    /// </summary>
    /// <param name="observation">As for <see cref="Predict"/>.</param>
    void Observe(Observation observation)
    {
    }
}
