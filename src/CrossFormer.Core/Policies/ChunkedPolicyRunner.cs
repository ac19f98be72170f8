namespace CrossFormer.Policies;

/// <summary>
/// The synchronous control loop: observe, predict when the execution strategy wants a chunk, act. The robot (or the
/// simulation, or the recorded episode) waits while the policy thinks; <see cref="AsyncPolicyRunner"/> does not wait.
/// </summary>
/// <remarks>Not safe for concurrent calls. Does not own the policy.</remarks>
public sealed class ChunkedPolicyRunner
{
    private readonly IPolicy _policy;
    private readonly IExecutionStrategy _strategy;
    private readonly ActionLimits _limits;

    /// <summary>Runs a policy with its profile's limits.</summary>
    /// <param name="policy">The policy; disposed by the caller.</param>
    /// <param name="strategy">How chunks become actions; null takes the profile's default. Belongs to the runner from now on.</param>
    public ChunkedPolicyRunner(IPolicy policy, IExecutionStrategy? strategy = null)
    {
        ArgumentNullException.ThrowIfNull(policy);
        (_policy, _strategy) = (policy, strategy ?? policy.Profile.Execution.CreateStrategy());
        _limits = new ActionLimits(policy.Profile.Actions, policy.Profile.Period);
    }

    /// <summary>The chunk that was predicted last, as the policy gave it; null before the first step of an episode.</summary>
    public ActionChunk? LastChunk { get; private set; }

    /// <summary>Starts an episode.</summary>
    /// <param name="task">What to do.</param>
    /// <param name="current">Where the robot is, in the action's units; see <see cref="ActionLimits.Reset"/>.</param>
    public void Reset(PolicyTask task, ReadOnlySpan<float> current = default)
    {
        _limits.Reset(current);
        _policy.Reset(task);
        _strategy.Reset();
        LastChunk = null;
    }

    /// <summary>One control step.</summary>
    /// <param name="observation">What the robot sees now.</param>
    /// <returns>The action to execute now, float32 [dim] in robot units, within the profile's limits; a new array.</returns>
    /// <exception cref="NonFiniteActionException">The policy proposed NaN or an infinity.</exception>
    public float[] Step(Observation observation)
    {
        if (_strategy.StepsUntilChunk == 0)
        {
            var chunk = _policy.Predict(observation);
            _limits.Check(chunk);
            _strategy.Accept(chunk);
            LastChunk = chunk;
        }
        else
            _policy.Observe(observation);

        var action = _strategy.NextAction();
        _limits.Apply(action);
        return action;
    }

    /// <summary>A whole episode: one action for each observation, as they come.</summary>
    /// <param name="task">What to do.</param>
    /// <param name="observations">One per control period; drawn only when the action before was taken.</param>
    public IEnumerable<float[]> Run(PolicyTask task, IEnumerable<Observation> observations)
    {
        Reset(task);
        foreach (var observation in observations)
            yield return Step(observation);
    }
}
