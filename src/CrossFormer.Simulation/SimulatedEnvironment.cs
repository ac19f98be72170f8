using CrossFormer.Arrays;
using CrossFormer.Policies;
using CrossFormer.Simulation.MuJoCo;
using CrossFormer.Simulation.Rendering;
using CrossFormer.Simulation.Tasks;

namespace CrossFormer.Simulation;

/// <summary>
/// A simulated robot with a task, as its policy meets it: observations in the units of the robot's profile, actions in those
/// units, one control period at a time. All that is random in an episode follows from its seed.
/// </summary>
/// <remarks>Used by one thread at a time; several environments run side by side.</remarks>
public sealed unsafe class SimulatedEnvironment : IDisposable
{
    private readonly SimulationTask _task;
    private readonly bool _render;
    private readonly (string Key, int Camera, int Height, int Width)[] _cameras;
    private readonly mjData* _saved;
    private CameraRenderer? _renderer;
    private bool _disposed;

    /// <summary>Opens a robot of the suite.</summary>
    /// <param name="task">One of <see cref="Suite.Names"/> or <see cref="Suite.HeldOut"/>.</param>
    /// <param name="render">Whether observations have the cameras' pictures; without, they have proprioception only, and only <see cref="Picture"/> and goal images need OpenGL.</param>
    /// <exception cref="ArgumentException">There is no such task.</exception>
    /// <exception cref="DllNotFoundException">MuJoCo is not here.</exception>
    /// <exception cref="RenderingException">Pictures are wanted, and nothing here can draw them.</exception>
    public SimulatedEnvironment(string task, bool render = true)
    {
        _task = Suite.Create(task);
        _render = render;
        try
        {
            _saved = _task.Physics.NewData();
            _cameras = [.. Profile.Cameras.Select(c => (c.Key, _task.Physics.Camera(c.Source), c.Height, c.Width))];
            if (render && _cameras.Length > 0)
                _ = Renderer;
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The task's name.</summary>
    public string Name => _task.Name;

    /// <summary>The robot: what observations hold and what actions are.</summary>
    public EmbodimentProfile Profile => _task.Profile;

    /// <summary>Whether an instruction says what to do.</summary>
    public bool TakesInstructions => _task.TakesInstructions;

    /// <summary>Whether a goal image can say what to do.</summary>
    public bool TakesGoalImages => _task.TakesGoalImages;

    /// <summary>Every instruction that episodes may have.</summary>
    public IReadOnlyList<string> Instructions => _task.Instructions;

    /// <summary>Control steps after which an episode has failed.</summary>
    public int MaxSteps => _task.MaxSteps;

    /// <summary>What decides all that is random in this episode.</summary>
    public int Seed { get; private set; }

    /// <summary>Control steps taken in this episode.</summary>
    public int Steps { get; private set; }

    /// <summary>Whether the task is done.</summary>
    public bool Succeeded { get; private set; }

    /// <summary>Whether the episode is over: the task done, past doing, or out of time.</summary>
    public bool IsOver => Succeeded || Steps >= MaxSteps || _task.IsLost;

    /// <summary>Sum of the rewards of this episode's steps, each 0 to 1.</summary>
    public double Return { get; private set; }

    /// <summary>What this episode's robot is told.</summary>
    public string Instruction => _task.Instruction;

    /// <summary>Begins an episode.</summary>
    /// <param name="seed">Decides all that is random: places, colours, light, disturbances, the instruction's words.</param>
    /// <param name="variation">Which worlds it may take place in.</param>
    /// <returns>What the robot sees first.</returns>
    public Observation Reset(int seed, SceneVariation variation = SceneVariation.Standard)
    {
        (Seed, Steps, Succeeded, Return) = (seed, 0, false, 0);
        _task.Begin(new Random(seed), variation);
        return Observe();
    }

    /// <summary>One control period.</summary>
    /// <param name="action">float32 [dim] in robot units, finite; within the profile's limits, which the runner sees to.</param>
    /// <returns>What the robot sees afterwards.</returns>
    /// <exception cref="ArgumentException">The action has another number of dimensions, or is not finite.</exception>
    /// <exception cref="PhysicsException">The simulation became unstable; the episode is lost.</exception>
    public Observation Step(ReadOnlySpan<float> action)
    {
        if (action.Length != Profile.Actions.Count)
            throw new ArgumentException($"Action: '{Profile.Name}' expects {Profile.Actions.Count} values, got {action.Length}.", nameof(action));
        foreach (var value in action)
        {
            if (!float.IsFinite(value))
                throw new ArgumentException($"Action: expected finite values, got {value}.", nameof(action));
        }

        _task.Act(action);
        Steps++;
        Return += _task.Reward;
        Succeeded = _task.IsDone;
        return Observe();
    }

    /// <summary>What to do in this episode.</summary>
    /// <param name="byGoalImage">By a picture of the world as it shall be, where the task has one; else by instruction, where it has one.</param>
    /// <exception cref="RenderingException">A goal image is wanted, and nothing here can draw.</exception>
    public PolicyTask Task(bool byGoalImage = false)
    {
        if (!TakesGoalImages || TakesInstructions && !byGoalImage)
            return new PolicyTask(Instruction);
        return new PolicyTask(null, new Dictionary<string, NdArray> { [_task.GoalCamera] = GoalImage() });
    }

    /// <summary>What an expert would do now, in any state; float32 [dim] in robot units.</summary>
    public float[] ExpertAction() => _task.ExpertAction();

    /// <summary>How many things in this world could be meant, and are but for one not; 0 where nothing has to be chosen.</summary>
    public int Choices => _task.Choices;

    /// <summary>What an expert would do now if another thing were meant; float32 [dim] in robot units.</summary>
    /// <param name="choice">Which, from 0 to before <see cref="Choices"/>.</param>
    public float[] ActionFor(int choice) => _task.ActionFor(choice);

    /// <summary>How far a disturbance moves each dimension of an action: its standard deviation in robot units.</summary>
    public IReadOnlyList<float> Disturbance => _task.Disturbance;

    /// <summary>The action that changes as little as possible.</summary>
    public float[] HoldAction() => _task.HoldAction();

    /// <summary>The robot in its world from outside, for people.</summary>
    /// <param name="height">Height in pixels, at most 512.</param>
    /// <param name="width">Width in pixels, at most 512.</param>
    /// <returns>uint8 [height, width, 3], RGB.</returns>
    /// <exception cref="RenderingException">Nothing here can draw.</exception>
    public NdArray Picture(int height, int width) => Renderer.Render(_task.Physics.Camera(_task.Spectator), height, width);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _renderer?.Dispose();
        if (_saved is not null)
            Physics.Free(_saved);
        _task.Dispose();
    }

    private CameraRenderer Renderer => _renderer ??= new CameraRenderer(_task.Physics);

    private NdArray GoalImage()
    {
        var physics = _task.Physics;
        var (_, camera, height, width) = Array.Find(_cameras, c => c.Key == _task.GoalCamera);
        Mj.mj_copyData(_saved, physics.Model, physics.Data);
        _task.ShowGoal();
        physics.Forward();
        var image = Renderer.Render(camera, height, width);
        Mj.mj_copyData(physics.Data, physics.Model, _saved);
        return image;
    }

    private Observation Observe()
    {
        var arrays = new Dictionary<string, NdArray>();
        if (_render)
        {
            foreach (var (key, camera, height, width) in _cameras)
                arrays[key] = Renderer.Render(camera, height, width);
        }

        foreach (var input in Profile.Proprioception)
        {
            var values = _task.Proprioception(input.Key);
            arrays[input.Key] = NdArray.From(values, values.Length);
        }

        return new Observation(Steps * Profile.Period, arrays);
    }
}
