using CrossFormer.Arrays;
using CrossFormer.Policies;

namespace CrossFormer.Core.Tests.Policies;

/// <summary>
/// A runner, its robot and its policy on a clock that the test moves. No sleeping: the worker's results are awaited
/// before the control step that shall find them.
/// </summary>
internal sealed class RunnerRig : IAsyncDisposable
{
    public static readonly PolicyTask Task = new("go");

    public RunnerRig(EmbodimentProfile? profile = null, int horizon = 8, AsyncRunnerOptions? options = null)
    {
        Policy = new ScriptedPolicy(profile ?? ScriptedPolicy.Robot(), horizon);
        Runner = new AsyncPolicyRunner(Policy, Robot, options, Time);
    }

    public FakeTime Time { get; } = new();

    public RecordingRobot Robot { get; } = new();

    public ScriptedPolicy Policy { get; }

    public AsyncPolicyRunner Runner { get; }

    public TimeSpan Period => Policy.Profile.Period;

    public Observation Frame(TimeSpan? timestamp = null) =>
        new(timestamp ?? Time.Now, new Dictionary<string, NdArray> { ["proprio"] = NdArray.From([1f], 1) });

    /// <summary>One control period of a policy that answers within it: frame, tick, answer, and the clock moves on.</summary>
    public async Task<bool> Step(bool frame = true)
    {
        if (frame)
            Runner.Submit(Frame());
        var running = Runner.Tick();
        if (Runner.Prediction is { } prediction)
            await System.Threading.Tasks.Task.WhenAny(prediction);
        Time.Advance(Period);
        return running;
    }

    /// <summary>Control periods of a policy that takes <paramref name="latency"/> of them for every prediction.</summary>
    public async Task Steps(int count, int latency)
    {
        Policy.Slow = true;
        var age = 0;
        for (var i = 0; i < count; i++)
        {
            Runner.Submit(Frame());
            if (Runner.Prediction is { } prediction && age == latency)
            {
                Policy.Release();
                await System.Threading.Tasks.Task.WhenAny(prediction);
            }

            Runner.Tick();
            Time.Advance(Period);
            age = Runner.Prediction is { IsCompleted: false } now && now == _current ? age + 1 : 1;
            _current = Runner.Prediction;
        }
    }

    public async ValueTask DisposeAsync()
    {
        for (var i = 0; i < 8; i++)
            Policy.Release();
        await Runner.DisposeAsync();
        await Runner.PolicyIdle;
        Policy.Dispose();
    }

    private Task? _current;
}
