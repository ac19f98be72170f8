using System.Globalization;
using CrossFormer.Arrays;
using CrossFormer.Data.Rlds;
using CrossFormer.Images;
using CrossFormer.Policies;

namespace CrossFormer.Simulation.Episodes;

/// <summary>
/// Expert episodes as an RLDS dataset. Everything follows from the seeds: an interrupted run goes on where it was, and the
/// same options make the same dataset.
/// </summary>
public static class Demonstrations
{
    private const int Attempts = 10, AttemptStride = 10_000_000, NoiseSeed = 0x5EED, TakeOverSeed = 0x7A4E, DistractionSeed = 0xD157, JpegQuality = 95;

    /// <summary>The dataset that an earlier run has made whole, or null.</summary>
    /// <param name="task">One of <see cref="Suite.Names"/> or <see cref="Suite.HeldOut"/>.</param>
    /// <param name="folder">The folder in which datasets lie.</param>
    /// <param name="options">What it is made with.</param>
    /// <exception cref="IOException">It has another number of episodes, or was made with other options.</exception>
    public static string? Finished(string task, string folder, DemonstrationOptions options)
    {
        var path = Path.Combine(folder, NameOf(task, options), "1.0.0");
        if (!Directory.Exists(path))
            return null;
        var dataset = RldsDataset.Open(path);
        if (dataset.EpisodeCount("all") != options.Episodes)
            throw new IOException($"{path} is there already, with {dataset.EpisodeCount("all")} episodes and not {options.Episodes}; delete it, or give another --name.");
        if (dataset.Info.Description != Description(task, options))
            throw new IOException($"{path} is there already, and says of itself: '{dataset.Info.Description}' Wanted: '{Description(task, options)}' Delete it, or give another --name.");
        return path;
    }

    /// <summary>Makes sure that the robot can be driven so: opens it, and the driver for it.</summary>
    /// <param name="task">One of <see cref="Suite.Names"/> or <see cref="Suite.HeldOut"/>.</param>
    /// <param name="options">Who drives, and how.</param>
    /// <exception cref="ArgumentException">There is no such task, the driver does not fit or cannot follow it, or there is nothing to be distracted by.</exception>
    public static void Require(string task, DemonstrationOptions options)
    {
        using var robot = DrivenRobot.Open(task, options);
    }

    /// <summary>Makes or continues a dataset.</summary>
    /// <param name="task">One of <see cref="Suite.Names"/> or <see cref="Suite.HeldOut"/>.</param>
    /// <param name="folder">The folder in which datasets lie.</param>
    /// <param name="options">How many, from which seeds, how disturbed.</param>
    /// <param name="progress">Told each episode as it is on the disk: its number in the dataset, from 0.</param>
    /// <param name="cancellation">Ends it between episodes; what is written stays for the next run.</param>
    /// <returns>The dataset's folder.</returns>
    /// <exception cref="IOException">The dataset is there already.</exception>
    /// <exception cref="InvalidOperationException">An unfinished dataset of that name was made with other options, or has more episodes than are wanted.</exception>
    public static string Record(
        string task, string folder, DemonstrationOptions options, Action<int, Demonstration>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.Episodes, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.Workers, nameof(options));
        if (options.Noise is not (>= 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(options), options.Noise, "Expected a share of noisy steps from 0 to below 1.");
        if (options.Distracted && options.Driver is not null)
            throw new ArgumentException("A driver goes its own way: it cannot be distracted.", nameof(options));
        using var recorder = new EpisodeRecorder(folder, NameOf(task, options), EmbodimentProfile.Load($"sim_{task}"), new EpisodeRecorderOptions
        {
            Description = Description(task, options),
            Source = Description(task, options),
        });
        var done = (int)recorder.Resume();
        if (done > options.Episodes)
            throw new InvalidOperationException($"{NameOf(task, options)}: an interrupted run has made {done} episodes already, more than the {options.Episodes} that are wanted; ask for as many, or give another --name.");
        foreach (var demonstration in SideBySide.Run(
            () => DrivenRobot.Open(task, options), done, options.Episodes, options.Workers, (robot, i) => robot.Demonstrate(options.Seed + i, options.Noise), cancellation))
        {
            recorder.Begin(demonstration.Instruction);
            foreach (var step in demonstration.Steps)
                recorder.Record(step.Observation, step.Action);
            recorder.End(demonstration.Succeeded);
            progress?.Invoke(done++, demonstration);
        }

        return recorder.Complete();
    }

    private static string NameOf(string task, DemonstrationOptions options) => options.Name ?? $"sim_{task}";

    // All that the episodes follow from, but for their number.
    private static string Description(string task, DemonstrationOptions options) => string.Create(
        CultureInfo.InvariantCulture,
        $"Demonstrations of the simulated task {task}, seeds from {options.Seed}, noise {options.Noise}{(options.Driver is null ? "" : $", driven by '{options.DriverName}'")}{(options.TakeOver ? ", taken over" : "")}{(options.Distracted ? ", distracted" : "")}.");

    /// <summary>A robot, and who drives it if not the expert.</summary>
    private sealed class DrivenRobot(SimulatedEnvironment environment, IPolicy? driver, bool takeOver, bool distracted) : IDisposable
    {
        public static DrivenRobot Open(string task, DemonstrationOptions options)
        {
            var environment = new SimulatedEnvironment(task);
            IPolicy? driver = null;
            try
            {
                driver = options.Driver?.Invoke(environment);
                if (driver is not null)
                    PolicyFit.Try(environment, driver);
                if (options.Distracted && environment.Choices == 0)
                    throw new ArgumentException($"{task} has one thing to do: there is nothing to distract it with.", nameof(options));
                return new DrivenRobot(environment, driver, takeOver: driver is not null && options.TakeOver, options.Distracted);
            }
            catch
            {
                driver?.Dispose();
                environment.Dispose();
                throw;
            }
        }

        // A disturbance may ruin an episode of the expert's, or a driver come so far that nothing is left to take over: then another one
        // takes its place. A policy's failures are the point; what distractions have spoilt, such as the wrong block on the plate, stays too.
        public Demonstration Demonstrate(int seed, double noise)
        {
            for (var attempt = 0; ; attempt++)
            {
                if (Run(seed + attempt * AttemptStride, noise) is { } demonstration
                    && ((demonstration.Succeeded && demonstration.Steps.Count > 1) || distracted || (driver is not null && !takeOver)))
                    return demonstration;
                if (attempt == Attempts - 1)
                    throw new InvalidOperationException($"{environment.Name}: {Attempts} episodes from seed {seed} on failed or became unstable{(noise > 0 ? "; less noise may help" : "")}.");
            }
        }

        public void Dispose()
        {
            driver?.Dispose();
            environment.Dispose();
        }

        // Null: the simulation became unstable, and there is no world left to learn from.
        private Demonstration? Run(int seed, double noise)
        {
            var observation = environment.Reset(seed);
            var task = environment.Task();
            var steps = new List<RecordedStep>();
            var limits = new ActionLimits(environment.Profile.Actions, environment.Profile.Period);
            var bursts = new NoiseBursts(new Random(seed ^ NoiseSeed), environment.Disturbance, noise);
            var distraction = distracted ? new Distraction(environment, new Random(seed ^ DistractionSeed)) : null;
            var runner = driver is null ? null : new DelayedPolicyRunner(driver, Latency.None, environment.HoldAction);
            runner?.Reset(task);
            var taken = takeOver ? new Random(seed ^ TakeOverSeed).Next(environment.MaxSteps / 2) : int.MaxValue;
            try
            {
                for (var step = 0; !environment.IsOver; step++)
                {
                    var expert = environment.ExpertAction();
                    if (!takeOver || step >= taken)
                        steps.Add(new RecordedStep(Encoded(observation), expert));
                    var action = step < taken && runner is not null ? runner.Step(observation) : distraction?.Next() ?? [.. expert];
                    bursts.Disturb(action);
                    limits.Apply(action);
                    observation = environment.Step(action);
                }
            }
            catch (PhysicsException)
            {
                return null;
            }
            catch (NonFiniteActionException) when (runner is not null)
            {
                // A driver that has lost its mind has failed; up to here it is as good an example as another.
            }

            // How it looks when it is done: the goal that the steps before are relabelled with. Where a goal image tells the task, it is
            // that one, for the robot need not have come as far, nor look the same way; and where it failed, for it has not done it. The
            // action is what is to be done where the robot really is, for it ends the chunks of the steps before; beside this picture it is
            // a wrong answer, one in an episode.
            if (environment.Succeeded || environment.TakesGoalImages)
            {
                var goal = environment.Succeeded ? task.GoalImages : environment.Task(byGoalImage: true).GoalImages;
                steps.Add(new RecordedStep(Encoded(With(observation, goal)), environment.ExpertAction()));
            }

            return new Demonstration(environment.Instruction, steps, environment.Succeeded);
        }

        private static Observation With(Observation observation, IReadOnlyDictionary<string, NdArray> images)
        {
            var arrays = observation.Arrays.ToDictionary();
            foreach (var (key, image) in images)
                arrays[key] = image;
            return new Observation(observation.Timestamp, arrays);
        }

        // Here, where robots run side by side, and not in the recorder.
        private static Observation Encoded(Observation observation) => new(
            observation.Timestamp,
            observation.Arrays.Where(a => !Observation.IsImage(a.Key)).ToDictionary(),
            observation.Arrays.Where(a => Observation.IsImage(a.Key)).ToDictionary(a => a.Key, a => (ReadOnlyMemory<byte>)ImageCodec.EncodeJpeg(a.Value, JpegQuality)));
    }
}
