using CrossFormer.Arrays;
using CrossFormer.Policies;

namespace CrossFormer.Data.Rlds;

/// <summary>An episode of a dataset as a robot's policy would have met it: the profile says which feature is which input.</summary>
public static class RecordedEpisode
{
    private const string ObservationPrefix = "observation/";

    /// <summary>The steps with their recorded actions, at their recorded times or, without a <c>timestamp</c>, one control period apart.</summary>
    /// <param name="episode">The episode.</param>
    /// <param name="profile">The robot: a camera's <c>source</c> is a feature of <c>steps/observation</c>; proprioception goes by its key.</param>
    /// <exception cref="KeyNotFoundException">The dataset lacks a camera or a proprioception; says which it has.</exception>
    public static IReadOnlyList<RecordedStep> Steps(RldsEpisode episode, EmbodimentProfile profile)
    {
        var cameras = profile.Cameras.Select(c => (c.Key, Images: episode.Steps.Images(Feature(episode, c.Source, $"camera '{c.Key}'")).Encoded)).ToArray();
        var proprioception = profile.Proprioception.Select(p => (p.Key, Values: episode.Steps.Array(Feature(episode, p.Key, $"proprioception '{p.Key}'")))).ToArray();
        var actions = episode.Steps.Array("action");
        var seconds = episode.Steps.Contains("timestamp") ? episode.Steps.Array("timestamp").ToDoubles() : null;
        return [.. Enumerable.Range(0, episode.StepCount).Select(t => new RecordedStep(
            new Observation(
                seconds?.Length == episode.StepCount ? TimeSpan.FromSeconds(seconds[t]) : t * profile.Period,
                proprioception.ToDictionary(p => p.Key, p => NdArray.From(Row(p.Values, t), p.Values.Count / episode.StepCount)),
                cameras.ToDictionary(c => c.Key, c => c.Images[t])),
            Row(actions, t)))];
    }

    /// <summary>The goal that an image of the episode shows: its step's frame on each camera that <paramref name="keys"/> names.</summary>
    /// <param name="steps">See <see cref="Steps"/>.</param>
    /// <param name="step">Counted from 0; negative from the end.</param>
    /// <param name="keys">Cameras that may show a goal.</param>
    public static Dictionary<string, NdArray> Goal(IReadOnlyList<RecordedStep> steps, int step, IEnumerable<string> keys)
    {
        var index = step < 0 ? steps.Count + step : step;
        if ((uint)index >= (uint)steps.Count)
            throw new ArgumentOutOfRangeException(nameof(step), step, $"The episode has steps 0 to {steps.Count - 1}.");
        return keys.Where(k => steps[index].Observation.EncodedImages.ContainsKey(k))
            .ToDictionary(k => k, k => Images.ImageCodec.Decode(steps[index].Observation.EncodedImages[k].Span, name: k));
    }

    /// <summary>Every instruction of a dataset with its encoding, as datasets with <c>language_embedding</c> carry it.</summary>
    /// <param name="episodes">Their first steps are read.</param>
    public static IEnumerable<(string Text, float[] Embedding)> Instructions(IEnumerable<RldsEpisode> episodes)
    {
        var seen = new HashSet<string>();
        foreach (var episode in episodes)
        {
            if (episode.StepCount > 0 && Instruction(episode) is { } text && episode.Steps.Contains("language_embedding") && seen.Add(text))
                yield return (text, Row(episode.Steps.Array("language_embedding"), 0));
        }
    }

    /// <summary>The instruction of the first step; null when there is none.</summary>
    public static string? Instruction(RldsEpisode episode) =>
        episode.StepCount > 0 && episode.Steps.Contains("language_instruction") && episode.Steps.Texts("language_instruction")[0] is { Length: > 0 } text ? text : null;

    private static string Feature(RldsEpisode episode, string name, string role)
    {
        foreach (var candidate in (ReadOnlySpan<string>)[ObservationPrefix + name, name])
        {
            if (episode.Steps.Contains(candidate))
                return candidate;
        }

        throw new KeyNotFoundException($"The dataset has no '{ObservationPrefix}{name}' for {role}; its steps hold {string.Join(", ", episode.Steps.Names)}.");
    }

    private static float[] Row(NdArray values, int row)
    {
        var width = values.Count / values.Shape[0];
        return values.ToSingles().AsSpan(row * width, width).ToArray();
    }
}
