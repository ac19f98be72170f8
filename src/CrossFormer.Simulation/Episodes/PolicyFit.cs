using CrossFormer.Policies;

namespace CrossFormer.Simulation.Episodes;

/// <summary>Whether a policy can drive a simulated robot at all, found out before the first step.</summary>
public static class PolicyFit
{
    /// <summary>Checks that what the policy asks for is what the robot gives, and that its actions are the robot's.</summary>
    /// <exception cref="ArgumentException">They are not; names what differs.</exception>
    public static void Require(SimulatedEnvironment environment, EmbodimentProfile policy)
    {
        var robot = environment.Profile;
        foreach (var camera in policy.Cameras.Where(c => robot.Cameras.All(r => r.Key != c.Key)))
            throw Misfit($"it asks for the camera '{camera.Key}', the robot has {Names(robot.Cameras.Select(c => c.Key))}");
        foreach (var input in policy.Proprioception)
        {
            var given = robot.Proprioception.FirstOrDefault(r => r.Key == input.Key)
                ?? throw Misfit($"it asks for '{input.Key}', the robot has {Names(robot.Proprioception.Select(p => p.Key))}");
            if (given.Dimension != input.Dimension)
                throw Misfit($"it expects '{input.Key}' with {input.Dimension} values, the robot gives {given.Dimension}");
        }

        if (!policy.Actions.Select(a => (a.Name, a.Unit, a.Kind)).SequenceEqual(robot.Actions.Select(a => (a.Name, a.Unit, a.Kind))))
            throw Misfit($"its actions are {Names(policy.Actions.Select(a => a.Name))}, the robot's {Names(robot.Actions.Select(a => a.Name))}");
        if (Math.Abs(policy.ControlRate - robot.ControlRate) > 1e-9)
            throw Misfit($"it acts {policy.ControlRate} times a second, the robot {robot.ControlRate}");

        ArgumentException Misfit(string difference) => new($"The policy for '{policy.Name}' cannot drive '{robot.Name}': {difference}.", nameof(policy));
    }

    /// <summary>Tells the policy every task that it may be told and has it predict once: what no profile says, such as an instruction that its table lacks.</summary>
    /// <param name="environment">The robot; left at the beginning of an episode.</param>
    /// <param name="policy">The policy; left with a task of that episode.</param>
    /// <param name="byGoalImage">Whether goal images tell the task where instructions could.</param>
    /// <exception cref="ArgumentException">The policy cannot follow a task, or its actions are not the robot's.</exception>
    internal static void Try(SimulatedEnvironment environment, IPolicy policy, bool byGoalImage = false)
    {
        Require(environment, policy.Profile);
        var observation = environment.Reset(seed: 0);
        if (environment.TakesInstructions && !(byGoalImage && environment.TakesGoalImages))
        {
            foreach (var instruction in environment.Instructions)
                policy.Reset(new PolicyTask(instruction));
        }

        policy.Reset(environment.Task(byGoalImage));
        if (policy.Predict(observation).Dimension is var dimension && dimension != environment.Profile.Actions.Count)
            throw new ArgumentException($"The policy for '{policy.Profile.Name}' predicts {dimension} values, '{environment.Profile.Name}' has {environment.Profile.Actions.Count} actions.", nameof(policy));
    }

    private static string Names(IEnumerable<string> names) => string.Join(", ", names) is { Length: > 0 } list ? list : "none";
}
