using System.Diagnostics.CodeAnalysis;

namespace CrossFormer.Policies;

/// <summary>
/// The last steps of an episode, item by item and key by key: frames, proprioception, or what an encoder made of them
/// (so that a control step encodes only the newest frame).
/// </summary>
/// <typeparam name="T">One step's item of one key, for example an array or the tokens of a frame.</typeparam>
/// <remarks>
/// Not safe for concurrent use. Each item is stored once: padding refers to the first step again, so its cost is that of
/// the steps really seen.
/// </remarks>
public sealed class HistoryWindow<T>
{
    private readonly Dictionary<string, T>?[] _steps; // ring, oldest at _start
    private readonly WindowPadding _padding;
    private readonly Action<T>? _release;
    private int _start;
    private int _seen; // steps held, at most Size

    /// <summary>An empty window.</summary>
    /// <param name="size">Steps it can hold, at least 1.</param>
    /// <param name="padding">What it looks like before it is full.</param>
    /// <param name="release">Called once for every item that leaves the window; for items that own memory.</param>
    /// <exception cref="ArgumentOutOfRangeException">The size is less than 1.</exception>
    public HistoryWindow(int size, WindowPadding padding = WindowPadding.RepeatFirst, Action<T>? release = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        _steps = new Dictionary<string, T>[size];
        (_padding, _release) = (padding, release);
    }

    /// <summary>Steps it can hold.</summary>
    public int Size => _steps.Length;

    /// <summary>
    /// Steps it shows: 0 while empty; then always <see cref="Size"/> with <see cref="WindowPadding.RepeatFirst"/>, the
    /// steps seen with <see cref="WindowPadding.Grow"/>.
    /// </summary>
    public int Length => _seen == 0 ? 0 : _padding == WindowPadding.Grow ? _seen : Size;

    /// <summary>The keys of every step; empty while the window is.</summary>
    public IReadOnlyCollection<string> Keys => _seen == 0 ? [] : _steps[_start]!.Keys;

    /// <summary>Per step shown, oldest first: true where it was seen, false where it is padding. A new array.</summary>
    public bool[] PadMask
    {
        get
        {
            var mask = new bool[Length];
            mask.AsSpan(Length - _seen).Fill(true);
            return mask;
        }
    }

    /// <summary>The item of one key and step.</summary>
    /// <param name="key">One of <see cref="Keys"/>.</param>
    /// <param name="step">0 (oldest) to <see cref="Length"/> − 1 (newest).</param>
    /// <exception cref="ArgumentOutOfRangeException">The window shows no such step.</exception>
    /// <exception cref="KeyNotFoundException">The window has no such key.</exception>
    [SuppressMessage("Design", "CA1043", Justification = "A key and a step are how a window is addressed.")]
    public T this[string key, int step]
    {
        get
        {
            if ((uint)step >= (uint)Length)
                throw new ArgumentOutOfRangeException(nameof(step), step, $"Expected a step from 0 to {Length - 1}.");
            var held = _steps[(_start + Math.Max(0, step - (Length - _seen))) % Size]!;
            return held.TryGetValue(key, out var item)
                ? item
                : throw new KeyNotFoundException($"The window has no '{key}'; it has {string.Join(", ", held.Keys)}.");
        }
    }

    /// <summary>All steps' items of one key, oldest first, <see cref="Length"/> of them. A new array.</summary>
    public T[] Items(string key)
    {
        var items = new T[Length];
        for (var i = 0; i < items.Length; i++)
            items[i] = this[key, i];
        return items;
    }

    /// <summary>Appends a step; the oldest leaves when the window was full.</summary>
    /// <param name="items">The step's items; the keys of the first step must come again in every later one.</param>
    /// <exception cref="ArgumentException">There are no items, or their keys differ from the earlier steps'. The window is unchanged.</exception>
    public void Push(IReadOnlyDictionary<string, T> items)
    {
        ArgumentNullException.ThrowIfNull(items);
        if (items.Count == 0)
            throw new ArgumentException("Expected at least one item in a step of the history, got none.", nameof(items));
        if (_seen > 0 && (items.Count != Keys.Count || !Keys.All(items.ContainsKey)))
        {
            throw new ArgumentException(
                $"Expected the keys of the earlier steps ({string.Join(", ", Keys)}), got {string.Join(", ", items.Keys)}. Clear the window first to change them.",
                nameof(items));
        }

        if (_seen == Size)
        {
            var oldest = _steps[_start]!;
            _steps[_start] = new Dictionary<string, T>(items);
            _start = (_start + 1) % Size;
            Release(oldest);
            return;
        }

        _steps[(_start + _seen) % Size] = new Dictionary<string, T>(items);
        _seen++;
    }

    /// <summary>Empties the window; every item held is released.</summary>
    public void Clear()
    {
        for (; _seen > 0; _seen--)
        {
            var oldest = _steps[_start]!;
            _steps[_start] = null;
            _start = (_start + 1) % Size;
            Release(oldest);
        }
    }

    private void Release(Dictionary<string, T> step)
    {
        if (_release is null)
            return;
        foreach (var item in step.Values)
            _release(item);
    }
}
