using CrossFormer.Arrays;

namespace CrossFormer.Data.Mixtures;

/// <summary>
/// Samples side by side: named arrays whose first dimension is the sample, and texts. Names are the reference's nested keys,
/// joined by '/' (see <see cref="Trajectories.TrajectoryNames"/>).
/// </summary>
/// <remarks>
/// With B samples, window T, horizon C and A action dimensions: <c>observation/image_VIEW</c> uint8 [B,T,H,W,3] and
/// <c>task/image_VIEW</c> uint8 [B,H,W,3] (0 to 255; absent ones are 0), <c>…/depth_VIEW</c> float32 [B,(T,)H,W],
/// <c>observation/proprio_NAME</c> float32 [B,T,D], <c>observation/timestep</c> int32 [B,T], <c>observation/timestep_pad_mask</c>
/// and <c>observation/pad_mask_dict/KEY</c> bool [B,T], <c>observation/task_completed</c> bool [B,T,C],
/// <c>task/pad_mask_dict/KEY</c> bool [B], <c>action</c> float32 and <c>action_pad_mask</c> bool [B,T,C,A],
/// <c>action_head_masks/HEAD</c> bool [B]; the texts <c>task/language_instruction</c> and <c>dataset_name</c>. Every array
/// lies in memory that the garbage collector does not move, so pinning it for a copy to a device costs nothing.
/// </remarks>
public sealed class Batch : IDisposable
{
    private readonly IReadOnlyDictionary<string, NdArray> _arrays;
    private readonly IReadOnlyDictionary<string, IReadOnlyList<string>> _texts;
    private Action? _recycle;
    private volatile bool _disposed;

    /// <summary>A batch of arrays already in memory.</summary>
    /// <param name="count">Samples.</param>
    /// <param name="arrays">Names and arrays [<paramref name="count"/>, …].</param>
    /// <param name="texts">Names and texts, one a sample.</param>
    /// <exception cref="ArgumentException">An array or a list has another length.</exception>
    public Batch(int count, IReadOnlyDictionary<string, NdArray> arrays, IReadOnlyDictionary<string, IReadOnlyList<string>>? texts = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        (Count, _arrays, _texts) = (count, arrays, texts ?? new Dictionary<string, IReadOnlyList<string>>());
        foreach (var (name, array) in arrays)
        {
            if (array.Shape.Length == 0 || array.Shape[0] != count)
                throw new ArgumentException($"A batch of {count} samples cannot hold '{name}' {array}: expected [{count}, …].", nameof(arrays));
        }

        foreach (var (name, list) in _texts)
        {
            if (list.Count != count)
                throw new ArgumentException($"A batch of {count} samples cannot hold {list.Count} texts '{name}'.", nameof(texts));
        }
    }

    internal Batch(int count, IReadOnlyDictionary<string, NdArray> arrays, IReadOnlyDictionary<string, IReadOnlyList<string>> texts, Action recycle)
        : this(count, arrays, texts) => _recycle = recycle;

    /// <summary>Number of samples, B. In one ordered pass the last batch may be smaller than asked for.</summary>
    public int Count { get; }

    /// <summary>The arrays' names.</summary>
    public IEnumerable<string> Names => _arrays.Keys;

    /// <summary>The texts' names.</summary>
    public IEnumerable<string> TextNames => _texts.Keys;

    /// <summary>Where each sample comes from; empty for a batch that no loader made.</summary>
    public IReadOnlyList<SampleOrigin> Origins { get; internal init; } = [];

    /// <summary>Where a loader goes on after this batch; null for a batch that no loader made.</summary>
    public LoaderState? State { get; internal init; }

    /// <summary>An array, [<see cref="Count"/>, …].</summary>
    /// <exception cref="KeyNotFoundException">There is none of that name; the message lists those that there are.</exception>
    /// <exception cref="ObjectDisposedException">Its memory was given back.</exception>
    public NdArray this[string name] => Find(_arrays, name);

    /// <summary>Whether there is an array of that name.</summary>
    public bool Contains(string name) => _arrays.ContainsKey(name);

    /// <summary>Texts, one a sample; an empty one is absent.</summary>
    /// <inheritdoc cref="this[string]" path="/exception"/>
    public IReadOnlyList<string> Texts(string name) => Find(_texts, name);

    /// <summary>
    /// Gives the memory back to the loader that made the batch, which overwrites it: nothing of the batch may be used any more.
    /// A batch that is never disposed is an ordinary object that stays as it is; its loader then allocates others.
    /// </summary>
    public void Dispose()
    {
        _disposed = true;
        Interlocked.Exchange(ref _recycle, null)?.Invoke();
    }

    private T Find<T>(IReadOnlyDictionary<string, T> values, string name)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return values.TryGetValue(name, out var value)
            ? value
            : throw new KeyNotFoundException($"The batch has no '{name}'; it has {string.Join(", ", values.Keys)}.");
    }
}
