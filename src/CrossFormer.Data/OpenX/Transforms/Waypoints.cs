using System.Text.Json.Nodes;
using CrossFormer.Arrays;
using CrossFormer.Data.Trajectories;

namespace CrossFormer.Data.OpenX;

/// <summary>
/// Actions of a wheeled robot from where it went: the positions that follow each step, in the robot's frame at that step and
/// in multiples of the dataset's spacing between waypoints. After the episode's end the robot stands still.
/// </summary>
/// <param name="Horizon">How many waypoints a step has.</param>
/// <param name="Position">Column of positions: [steps, 2 or more] in metres, x and y first.</param>
/// <param name="Rotation">Column of rotation matrices [steps, 2 or more, 2 or more], or of yaws [steps, 1] in radians.</param>
/// <param name="FromPrevious">Each waypoint relative to the one before it (true), or all to the robot (false).</param>
public sealed record Waypoints(int Horizon, string Position, string Rotation, bool FromPrevious)
{
    private const string FilePath = Trajectory.MetadataPrefix + "episode_metadata/file_path";

    /// <summary>Metres between waypoints of the datasets that GNM was made of, by a part of the episode's file path; the last that fits counts.</summary>
    public static IReadOnlyList<KeyValuePair<string, double>> MetricSpacing { get; } =
    [
        new("cory_hall", 0.06), new("go_stanford", 0.12), new("recon", 0.25), new("sacson", 0.255),
        new("scand", 0.38), new("seattle", 0.35), new("tartan_drive", 0.72),
    ];

    /// <summary>Metres between waypoints for an episode of that path; 1 when it names none of the sets. Rounded to float32, as the reference rounds it.</summary>
    public static double SpacingOf(string filePath)
    {
        var spacing = 1.0;
        foreach (var (name, metres) in MetricSpacing)
        {
            if (TrajectoryFilter.Matches(filePath, name))
                spacing = (float)metres;
        }

        return spacing;
    }

    /// <summary>float64 [steps, <see cref="Horizon"/>, 2].</summary>
    internal NdArray Compute(Trajectory trajectory)
    {
        var steps = trajectory.Length;
        var positions = trajectory.Numbers(Position);
        if (positions.Shape.Length != 2 || positions.Shape[1] < 2)
            throw new InvalidOperationException($"'{Position}': expected positions [steps, 2 or more], found {positions}");
        if (steps == 0)
            return NdArray.Zeros(DType.Float64, 0, Horizon, 2);
        var (x, width, rotations) = (positions.ToDoubles(), positions.Shape[1], Rotations(trajectory));
        var spacing = SpacingOf(trajectory.Texts(FilePath).Text(0));
        var actions = new double[steps * Horizon * 2];
        for (var t = 0; t < steps; t++)
        {
            var (xx, xy, yx, yy) = rotations(t);
            for (var k = 0; k < Horizon; k++)
            {
                var to = Math.Min(t + k + 1, steps - 1) * width;
                var from = (FromPrevious ? Math.Min(t + k, steps - 1) : t) * width;
                var (dx, dy) = (x[to] - x[from], x[to + 1] - x[from + 1]);
                var action = (t * Horizon + k) * 2;
                (actions[action], actions[action + 1]) = ((dx * xx + dy * yx) / spacing, (dx * xy + dy * yy) / spacing);
            }
        }

        return NdArray.From(actions, steps, Horizon, 2);
    }

    internal JsonObject ToJson() =>
        new() { ["horizon"] = Horizon, ["position"] = Position, ["rotation"] = Rotation, ["from_previous"] = FromPrevious };

    private Func<int, (double XX, double XY, double YX, double YY)> Rotations(Trajectory trajectory)
    {
        var array = trajectory.Numbers(Rotation);
        var values = array.ToDoubles();
        if (array.Count == array.Shape[0])
            return t => (Math.Cos(values[t]), -Math.Sin(values[t]), Math.Sin(values[t]), Math.Cos(values[t]));
        if (array.Shape is not [_, >= 2, >= 2])
            throw new InvalidOperationException($"'{Rotation}': expected rotation matrices [steps, 2 or more, 2 or more] or yaws [steps, 1], found {array}");
        var (matrix, row) = (array.Shape[1] * array.Shape[2], array.Shape[2]);
        return t => (values[t * matrix], values[t * matrix + 1], values[t * matrix + row], values[t * matrix + row + 1]);
    }
}
