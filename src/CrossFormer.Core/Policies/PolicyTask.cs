using CrossFormer.Arrays;

namespace CrossFormer.Policies;

/// <summary>
/// What a policy is to do: an instruction, goal images, or both. Two tasks are equal when their contents are, so that a
/// policy notices a changed task (its encoder tokens depend on it) and keeps its state for an unchanged one.
/// </summary>
/// <remarks>Immutable and safe to share between threads; the image arrays must not be written to afterwards.</remarks>
public sealed class PolicyTask : IEquatable<PolicyTask>
{
    private static readonly Dictionary<string, NdArray> NoImages = [];
    private int _hash; // 0: not computed yet; one word, so that no thread sees half of it

    /// <summary>Wraps the images without copying them.</summary>
    /// <param name="instruction">An instruction in plain language; the empty string is one too (the reference's "no instruction"), null is none.</param>
    /// <param name="goalImages">The state to reach, by the camera's observation key (<c>image_primary</c>): uint8 [height, width, 3], RGB, any size.</param>
    /// <exception cref="ArgumentException">Neither is given, a key names no camera, or an image has the wrong type or shape.</exception>
    public PolicyTask(string? instruction, IReadOnlyDictionary<string, NdArray>? goalImages = null)
    {
        goalImages ??= NoImages;
        if (instruction is null && goalImages.Count == 0)
            throw new ArgumentException("A task needs an instruction, a goal image, or both; got neither.", nameof(instruction));
        foreach (var (key, image) in goalImages)
        {
            if (!Observation.IsImage(key))
                throw new ArgumentException($"Goal image '{key}': expected a camera's observation key, such as 'image_primary'.", nameof(goalImages));
            Observation.CheckImage($"Goal image '{key}'", image);
        }

        (Instruction, GoalImages) = (instruction, goalImages);
    }

    /// <summary>The instruction, or null when the goal images alone say what to do.</summary>
    public string? Instruction { get; }

    /// <summary>Goal images by the camera's observation key: uint8 [height, width, 3]; empty when there are none.</summary>
    public IReadOnlyDictionary<string, NdArray> GoalImages { get; }

    /// <summary>True when instruction, cameras, image sizes and every pixel are equal.</summary>
    public bool Equals(PolicyTask? other)
    {
        if (ReferenceEquals(this, other))
            return true;
        if (other is null || Instruction != other.Instruction || GoalImages.Count != other.GoalImages.Count)
            return false;
        foreach (var (key, image) in GoalImages)
        {
            if (!other.GoalImages.TryGetValue(key, out var theirs) ||
                !image.Shape.AsSpan().SequenceEqual(theirs.Shape) ||
                !image.Bytes.Span.SequenceEqual(theirs.Bytes.Span))
                return false;
        }

        return true;
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as PolicyTask);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        if (_hash != 0)
            return _hash;
        var hash = default(HashCode);
        hash.Add(Instruction);
        foreach (var (key, image) in GoalImages.OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            hash.Add(key);
            hash.AddBytes(image.Bytes.Span);
        }

        return _hash = hash.ToHashCode();
    }

    /// <inheritdoc/>
    public override string ToString() =>
        (Instruction is null ? "" : $"\"{Instruction}\"") +
        (GoalImages.Count == 0 ? "" : $"{(Instruction is null ? "" : " ")}goal on {string.Join(", ", GoalImages.Keys)}");
}
