using System.IO.Enumeration;
using System.Runtime.InteropServices;
using CrossFormer.Arrays;

namespace CrossFormer.Data.Trajectories;

/// <summary>
/// A dataset's own columns to those that all datasets share: <c>observation/{image_,depth_,proprio_}…</c>,
/// <c>observation/timestep</c>, <c>task/language_instruction</c>, <c>action</c>, <c>dataset_name</c>. Source:
/// data/dataset.py, make_dataset_from_rlds.
/// </summary>
public static class StandardForm
{
    /// <summary>Transforms one episode.</summary>
    /// <param name="episode">Under the dataset's own names.</param>
    /// <param name="source">The dataset.</param>
    /// <param name="random">Decides between several instructions.</param>
    /// <returns>Images still encoded; action and proprioception float32 in robot units.</returns>
    /// <exception cref="KeyNotFoundException">A column that <paramref name="source"/> names is not there.</exception>
    /// <exception cref="InvalidOperationException">A column is of another kind than its use demands.</exception>
    public static Trajectory Apply(Trajectory episode, DatasetSource source, RandomStream random)
    {
        var standard = source.Standardize is null ? episode : source.Standardize(episode);
        var length = standard.Length;
        var columns = new List<KeyValuePair<string, TrajectoryColumn>>();
        foreach (var (name, key) in source.ImageKeys)
            columns.Add(new(TrajectoryNames.Observation + TrajectoryNames.Image + name, Images(key)));
        foreach (var (name, key) in source.DepthKeys)
            columns.Add(new(TrajectoryNames.Observation + TrajectoryNames.Depth + name, Images(key)));
        foreach (var (name, key) in source.ProprioKeys)
            columns.Add(new($"{TrajectoryNames.Observation}{TrajectoryNames.Proprio}_{name}", new TrajectoryNumbers(key is null ? Zeros(name) : ToSingle(Find(key)))));
        var steps = new int[length];
        for (var i = 0; i < length; i++)
            steps[i] = i;
        columns.Add(new(TrajectoryNames.Observation + TrajectoryNames.Timestep, new TrajectoryNumbers(NdArray.From(steps, length))));
        if (source.LanguageKey is { } pattern)
            columns.Add(new(TrajectoryNames.Task + TrajectoryNames.Language, standard.Texts(Instruction(standard, pattern, random))));
        columns.Add(new(TrajectoryNames.Action, new TrajectoryNumbers(ToSingle(standard.Numbers(TrajectoryNames.Action)))));
        columns.Add(new(TrajectoryNames.DatasetName, TrajectoryTexts.Repeat(source.Name, length)));
        return new Trajectory(source.Name, length, columns, standard.Origin);

        TrajectoryImages Images(string? key) => key is null ? TrajectoryImages.Blank(length) : standard.Images(TrajectoryNames.Observation + key);

        NdArray Find(string key) => standard.Numbers(TrajectoryNames.Observation + key);

        NdArray Zeros(string name) => source.ProprioDimensions.TryGetValue(name, out var dimension)
            ? NdArray.Zeros(DType.Float32, length, dimension)
            : throw new ArgumentException($"{source.Name}: the proprioception '{name}' is blank, so {nameof(DatasetSource.ProprioDimensions)} must say its dimension.");
    }

    private static string Instruction(Trajectory trajectory, string pattern, RandomStream random)
    {
        if (trajectory.Contains(pattern))
            return pattern;
        var matches = trajectory.Names.Where(n => !n.Contains('/') && FileSystemName.MatchesSimpleExpression(pattern, n, ignoreCase: false)).ToArray();
        return matches.Length > 0
            ? matches[random.NextInt(matches.Length)]
            : throw new KeyNotFoundException($"{trajectory.Dataset}: no column matches the instruction's name '{pattern}'; there are {string.Join(", ", trajectory.Names)}.");
    }

    private static NdArray ToSingle(NdArray values) =>
        values.DType == DType.Float32 ? values : new NdArray(DType.Float32, values.Shape, MemoryMarshal.AsBytes(values.ToSingles().AsSpan()).ToArray());
}
