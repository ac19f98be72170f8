namespace CrossFormer.Data.Trajectories;

/// <summary>Makes tasks out of what the robot reached later. Source: data/utils/goal_relabeling.py.</summary>
public static class GoalRelabeling
{
    /// <summary>
    /// Gives every step a goal drawn uniformly from the steps from itself on (itself included), and copies all of that step's
    /// observations, their masks and its timestep into <c>task/</c>.
    /// </summary>
    /// <param name="trajectory">With pad masks.</param>
    /// <param name="random">Draws the goals.</param>
    /// <param name="maxDistance">Goals lie less than this many steps ahead, at least 1. Null: anywhere up to the end.</param>
    public static Trajectory Uniform(Trajectory trajectory, RandomStream random, int? maxDistance = null)
    {
        if (maxDistance is { } distance)
            ArgumentOutOfRangeException.ThrowIfLessThan(distance, 1, nameof(maxDistance));
        var goals = new int[trajectory.Length];
        for (var t = 0; t < goals.Length; t++)
            goals[t] = t + random.NextInt(Math.Min(maxDistance ?? int.MaxValue, trajectory.Length - t));
        return Relabel(trajectory, goals);
    }

    /// <summary>Gives every step the last one as its goal: what the robot is told to reach, and not what it passes on the way.</summary>
    /// <param name="trajectory">With pad masks.</param>
    public static Trajectory Last(Trajectory trajectory)
    {
        var goals = new int[trajectory.Length];
        Array.Fill(goals, trajectory.Length - 1);
        return Relabel(trajectory, goals);
    }

    /// <summary>Gives every step the goal named.</summary>
    /// <param name="trajectory">With pad masks.</param>
    /// <param name="goals">Per step the goal's step.</param>
    public static Trajectory Relabel(Trajectory trajectory, ReadOnlySpan<int> goals)
    {
        if (goals.Length != trajectory.Length)
            throw new ArgumentException($"Expected a goal for each of {trajectory.Length} steps, got {goals.Length}.", nameof(goals));
        var relabelled = trajectory;
        foreach (var name in trajectory.Names.Where(n => n.StartsWith(TrajectoryNames.Observation, StringComparison.Ordinal)).ToArray())
            relabelled = relabelled.With(TrajectoryNames.Task + name[TrajectoryNames.Observation.Length..], trajectory[name].Gather(goals));
        return relabelled;
    }
}
