using CrossFormer.Policies;

namespace CrossFormer.Simulation.Episodes;

/// <summary>Whether a policy can drive a simulated robot at all, asked before the first step.</summary>
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

    private static string Names(IEnumerable<string> names) => string.Join(", ", names) is { Length: > 0 } list ? list : "none";
}
