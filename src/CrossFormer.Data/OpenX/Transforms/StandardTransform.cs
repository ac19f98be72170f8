using System.Collections;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using CrossFormer.Data.Trajectories;
using CrossFormer.Formats;

namespace CrossFormer.Data.OpenX;

/// <summary>
/// Brings a dataset's own episodes into the common form: <c>action</c> [steps, dimensions], <c>language_instruction</c>, and
/// under <c>observation/</c> whatever the configuration names. A list of steps, or a method of your own. Immutable.
/// </summary>
[CollectionBuilder(typeof(StandardTransform), nameof(Of))]
public sealed class StandardTransform : IEnumerable<TransformStep>
{
    private readonly TransformStep[] _steps;
    private readonly Func<Trajectory, Trajectory>? _method;

    private StandardTransform(TransformStep[] steps, string name, Func<Trajectory, Trajectory>? method) => (_steps, Name, _method) = (steps, name, method);

    /// <summary>Changes nothing.</summary>
    public static StandardTransform None { get; } = Of([]);

    /// <summary>What it is, completely: the steps as JSON, or the name of the method. Cached statistics are keyed by it.</summary>
    public string Name { get; }

    /// <summary>Steps, in order.</summary>
    public static StandardTransform Of(params ReadOnlySpan<TransformStep> steps)
    {
        var own = steps.ToArray();
        return new StandardTransform(own, new JsonArray([.. own.Select(s => s.ToJson())]).ToJsonString(DatasetJson.Compact), null);
    }

    /// <summary>A method of your own.</summary>
    /// <param name="name">Names it in the cache of statistics: give it another name when it computes something else.</param>
    /// <param name="method">From the dataset's own columns to the common ones. Called from several threads at once.</param>
    public static StandardTransform From(string name, Func<Trajectory, Trajectory> method) => new([], name, method);

    /// <summary>Applies it.</summary>
    /// <exception cref="TransformException">The trajectory is not as the transform expects it; says which step, why and which record.</exception>
    /// <exception cref="CorruptFileException">The record is damaged.</exception>
    public Trajectory Apply(Trajectory trajectory)
    {
        if (_method is not null)
            return _method(trajectory);
        var result = trajectory;
        for (var i = 0; i < _steps.Length; i++)
        {
            try
            {
                result = _steps[i].Apply(result);
            }
            catch (Exception e) when (e is InvalidOperationException or ArgumentException or KeyNotFoundException)
            {
                throw new TransformException(trajectory, $"step {i + 1} of its transform, {_steps[i]}: {e.Message}", e);
            }
        }

        return result;
    }

    /// <inheritdoc/>
    public IEnumerator<TransformStep> GetEnumerator() => ((IEnumerable<TransformStep>)_steps).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    public override string ToString() => Name;
}
