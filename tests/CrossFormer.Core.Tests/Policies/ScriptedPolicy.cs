using CrossFormer.Policies;
using CrossFormer.Statistics;

namespace CrossFormer.Core.Tests.Policies;

/// <summary>
/// A policy without a model. By default the action for time t is t itself, counted in control periods from the first
/// observation on, so that an action executed at the wrong time shows. Predictions wait at a gate when the test wants them to.
/// </summary>
internal sealed class ScriptedPolicy : IPolicy
{
    private readonly SemaphoreSlim _gate = new(0);
    private readonly SemaphoreSlim _begun = new(0);
    private TimeSpan? _first;

    public ScriptedPolicy(EmbodimentProfile profile, int horizon)
    {
        Profile = profile;
        Script = o => new ActionChunk(
            Enumerable.Range(0, horizon).SelectMany(i => Enumerable.Repeat(PeriodsAt(o.Timestamp) + i, Profile.Actions.Count)).ToArray(),
            Profile.Actions.Count,
            o.Timestamp,
            Profile.Period);
    }

    public EmbodimentProfile Profile { get; }

    public Func<Observation, ActionChunk> Script { get; set; }

    public Action<PolicyTask> OnReset { get; set; } = _ => { };

    /// <summary>Whether predictions wait for <see cref="Release"/>.</summary>
    public bool Slow { get; set; }

    /// <summary>Timestamps of the frames that the policy was shown, in order; those it predicted from are in <see cref="Predicted"/> too.</summary>
    public List<TimeSpan> Seen { get; } = [];

    public List<TimeSpan> Predicted { get; } = [];

    public static EmbodimentProfile Robot(double rate = 10, int window = 3, ExecutionOptions? execution = null, params ActionDimension[] actions) => new()
    {
        Name = "test",
        Head = "test",
        Statistics = "test",
        Proprioception = [new ProprioceptionInput("proprio", 1, Normalization.None)],
        Actions = actions.Length > 0 ? actions : [new ActionDimension("t", "periods"), new ActionDimension("u", "periods")],
        ControlRate = rate,
        Window = window,
        Execution = execution ?? new ExecutionOptions(),
    };

    public void Release() => _gate.Release();

    /// <summary>Waits until the worker has entered a prediction that nobody has waited for.</summary>
    public Task Begun(CancellationToken cancellation) => _begun.WaitAsync(cancellation);

    public void Reset(PolicyTask task) => OnReset(task);

    public void Observe(Observation observation) => Seen.Add(observation.Timestamp);

    public ActionChunk Predict(Observation observation)
    {
        _first ??= observation.Timestamp;
        Seen.Add(observation.Timestamp);
        Predicted.Add(observation.Timestamp);
        _begun.Release();
        if (Slow)
            _gate.Wait();
        return Script(observation);
    }

    public void Dispose()
    {
        _gate.Dispose();
        _begun.Dispose();
    }

    private float PeriodsAt(TimeSpan time) => (float)((time - _first!.Value) / Profile.Period);
}
