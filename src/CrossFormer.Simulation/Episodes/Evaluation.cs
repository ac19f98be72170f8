using CrossFormer.Images;
using CrossFormer.Policies;
using CrossFormer.Simulation.Rendering;

namespace CrossFormer.Simulation.Episodes;

/// <summary>Seeded episodes in closed loop, through the interface that drives a real robot.</summary>
public static class Evaluation
{
    private const int FilmSide = 192, FilmFrames = 60;

    /// <summary>Runs a policy at one task.</summary>
    /// <param name="task">One of <see cref="Suite.Names"/> or <see cref="Suite.HeldOut"/>.</param>
    /// <param name="open">Makes a policy for a robot; called once for each worker. The policy is disposed here.</param>
    /// <param name="sees">Whether the policy looks at cameras; an expert does not, and need not wait for pictures.</param>
    /// <param name="options">Seeds and so on; null for the defaults.</param>
    /// <param name="progress">Told the number of finished episodes.</param>
    /// <param name="cancellation">Ends it between episodes.</param>
    /// <exception cref="ArgumentException">The policy cannot drive the robot, or cannot follow its tasks; before the first step.</exception>
    public static TaskEvaluation Run(
        string task, Func<SimulatedEnvironment, IPolicy> open, bool sees, EvaluationOptions? options = null, Action<int>? progress = null, CancellationToken cancellation = default)
    {
        options ??= new EvaluationOptions();
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.Episodes, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.Workers, nameof(options));
        var filmed = OffscreenGl.Problem is null ? options.Filmed : 0;
        var results = new List<EpisodeResult>();
        foreach (var result in SideBySide.Run(
            () => Robot.Open(task, open, sees, options), 0, options.Episodes, options.Workers, (robot, i) => Episode(robot, options.Seed + i, options, films: i < filmed), cancellation))
        {
            results.Add(result);
            progress?.Invoke(results.Count);
        }

        return new TaskEvaluation(task, results);
    }

    /// <summary>Makes sure, before the first step, that a policy can drive the robot and follow its tasks.</summary>
    /// <inheritdoc cref="Run"/>
    public static void Require(string task, Func<SimulatedEnvironment, IPolicy> open, bool sees, EvaluationOptions options)
    {
        using var robot = Robot.Open(task, open, sees, options);
    }

    private static EpisodeResult Episode(Robot robot, int seed, EvaluationOptions options, bool films)
    {
        var environment = robot.Environment;
        var observation = environment.Reset(seed, options.Variation);
        var task = robot.Task(options.ByGoalImage);
        var runner = new DelayedPolicyRunner(robot.Policy, options.Latency, environment.HoldAction);
        var jump = new ChunkJump(environment.Profile);
        var film = new List<(TimeSpan, ReadOnlyMemory<byte>)>();
        var filmEvery = Math.Max(1, environment.MaxSteps / FilmFrames);
        string? problem = null;
        try
        {
            runner.Reset(task);
            Shoot();
            while (!environment.IsOver)
            {
                var action = runner.Step(observation);
                jump.Add(runner.LastChunk);
                observation = environment.Step(action);
                if (environment.Steps % filmEvery == 0 || environment.IsOver)
                    Shoot();
            }
        }
        catch (Exception e) when (e is PhysicsException or NonFiniteActionException)
        {
            problem = e.Message;
        }

        return new EpisodeResult(
            seed, environment.Succeeded && problem is null, environment.Steps, environment.Steps * environment.Profile.Period.TotalSeconds, environment.Return,
            jump.Mean, task.Instruction, problem, film);

        void Shoot()
        {
            if (films)
                film.Add((environment.Steps * environment.Profile.Period, ImageCodec.EncodeJpeg(environment.Picture(FilmSide, FilmSide), 85)));
        }
    }

    /// <summary>A simulated robot with its policy.</summary>
    private sealed class Robot(SimulatedEnvironment environment, IPolicy policy, bool sees) : IDisposable
    {
        public SimulatedEnvironment Environment => environment;

        public IPolicy Policy => policy;

        public static Robot Open(string task, Func<SimulatedEnvironment, IPolicy> open, bool sees, EvaluationOptions options)
        {
            var environment = new SimulatedEnvironment(task, sees);
            IPolicy? policy = null;
            try
            {
                policy = open(environment);
                // Who does not look is shown no goal either: drawing it takes OpenGL.
                if (sees)
                    PolicyFit.Try(environment, policy, options.ByGoalImage);
                else
                    PolicyFit.Require(environment, policy.Profile);
                return new Robot(environment, policy, sees);
            }
            catch
            {
                policy?.Dispose();
                environment.Dispose();
                throw;
            }
        }

        public PolicyTask Task(bool byGoalImage) => sees ? environment.Task(byGoalImage) : new PolicyTask(environment.Instruction);

        public void Dispose()
        {
            policy.Dispose();
            environment.Dispose();
        }
    }
}
