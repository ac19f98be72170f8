using CrossFormer.Policies;
using CrossFormer.Simulation.MuJoCo;

namespace CrossFormer.Simulation.Tasks;

/// <summary>
/// What a robot is to do in its world: how an episode begins, what an action does during a control period, what the robot
/// feels, when the task is done, and what an expert would do now. The world itself is <see cref="MuJoCo.Physics"/>; time
/// limits, cameras and seeds are <see cref="SimulatedEnvironment"/>'s.
/// </summary>
/// <remarks>
/// The robot's profile, <c>configs/embodiments/sim_NAME.jsonc</c>, is the specification: its cameras are drawn (a camera's
/// source is its name in the model), its proprioception is asked for by key, its actions are taken.
/// An expert is a function of the simulation's state and of nothing else, neither clocks nor counters: what it depends on can
/// be seen in the observation, so it can be imitated, and it can say what to do in any state that a policy has got into.
/// </remarks>
internal abstract class SimulationTask : IDisposable
{
    protected SimulationTask(string name, string mjcf)
    {
        Name = name;
        Profile = EmbodimentProfile.Load($"sim_{name}");
        Physics = new Physics(mjcf);
        StepsPerAction = (int)Math.Round(Profile.Period.TotalSeconds / Physics.TimeStep);
        if (Math.Abs(StepsPerAction * Physics.TimeStep - Profile.Period.TotalSeconds) > 1e-9)
            throw new InvalidOperationException($"{Profile.Name}: the control period {Profile.Period.TotalSeconds} s is no multiple of the simulation's step, {Physics.TimeStep} s.");
        Appearance = new Appearance(Physics);
    }

    /// <summary>The task's name, as <see cref="Suite"/> has it.</summary>
    public string Name { get; }

    public EmbodimentProfile Profile { get; }

    public Physics Physics { get; }

    /// <summary>The model's camera that shows people what happens.</summary>
    public abstract string Spectator { get; }

    /// <summary>Standard deviation of the noise that demonstrations recover from, by action dimension, in robot units.</summary>
    public abstract IReadOnlyList<float> Disturbance { get; }

    /// <summary>Control steps after which an episode has failed.</summary>
    public abstract int MaxSteps { get; }

    /// <summary>Whether an instruction says what to do; else only goal images can.</summary>
    public abstract bool TakesInstructions { get; }

    /// <summary>Whether goal images can say what to do.</summary>
    public abstract bool TakesGoalImages { get; }

    /// <summary>The camera's observation key whose picture is the goal image.</summary>
    public virtual string GoalCamera => throw new NotSupportedException($"{Name} has no goal images.");

    /// <summary>What to do in this episode, in one of several phrases.</summary>
    public string Instruction { get; protected set; } = "";

    /// <summary>Every instruction that episodes may have.</summary>
    public abstract IReadOnlyList<string> Instructions { get; }

    /// <summary>Whether it is done now.</summary>
    public abstract bool IsDone { get; }

    /// <summary>Whether it cannot be done any more.</summary>
    public virtual bool IsLost => false;

    /// <summary>How well the last control step went, 0 to 1; an episode's return is the sum.</summary>
    public abstract double Reward { get; }

    protected Appearance Appearance { get; }

    protected int StepsPerAction { get; }

    /// <summary>Begins an episode: all that is random is drawn here.</summary>
    public void Begin(Random random, SceneVariation variation)
    {
        Physics.Reset();
        Appearance.Randomize(random);
        Randomize(random, variation);
        Physics.Forward();
    }

    /// <summary>One control period under an action, which is within the profile's limits.</summary>
    public void Act(ReadOnlySpan<float> action)
    {
        BeginAction(action);
        for (var i = 0; i < StepsPerAction; i++)
        {
            BeforeStep((i + 1.0) / StepsPerAction);
            Physics.Step(BeforeForces);
        }

        EndAction();
    }

    /// <summary>What the robot feels, by the profile's key.</summary>
    public virtual float[] Proprioception(string key) => throw new NotSupportedException($"{Name} has no '{key}'.");

    /// <summary>What an expert would do in the present state.</summary>
    public abstract float[] ExpertAction();

    /// <summary>How many things in this world could be meant, and are but for one not; 0 where nothing has to be chosen.</summary>
    public virtual int Choices => 0;

    /// <summary>What an expert would do now if another thing were meant.</summary>
    /// <param name="choice">Which, from 0 to before <see cref="Choices"/>; the one that is meant may be among them.</param>
    public virtual float[] ActionFor(int choice) => throw new NotSupportedException($"{Name} has nothing to choose from.");

    /// <summary>The action that changes as little as possible: what a robot does while it waits for its first chunk.</summary>
    public abstract float[] HoldAction();

    /// <summary>Brings the world into the state that the goal image shows; the caller brings it back.</summary>
    public virtual void ShowGoal() => throw new NotSupportedException($"{Name} has no goal images.");

    public virtual void Dispose() => Physics.Dispose();

    /// <summary>Draws places and colours and writes them into the state.</summary>
    protected abstract void Randomize(Random random, SceneVariation variation);

    /// <summary>Reads the action.</summary>
    protected abstract void BeginAction(ReadOnlySpan<float> action);

    /// <summary>Before each physics step: the controllers that run faster than the policy.</summary>
    /// <param name="progress">Share of the control period that this step completes, to 1.</param>
    protected virtual void BeforeStep(double progress)
    {
    }

    /// <summary>Within each physics step, see <see cref="Physics.Step"/>.</summary>
    protected virtual Action? BeforeForces => null;

    /// <summary>After the last physics step of a control period.</summary>
    protected virtual void EndAction()
    {
    }

    /// <summary>1 where something is, less the farther away it is.</summary>
    protected static double Near(Vector3d way) => 1 - Math.Tanh(5 * way.Length);

    protected static T Draw<T>(Random random, IReadOnlyList<T> choices) => choices[random.Next(choices.Count)];

    protected static double Draw(Random random, double low, double high) => low + (high - low) * random.NextDouble();
}
