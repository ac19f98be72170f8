using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using CrossFormer.Arrays;

namespace CrossFormer.Data.Mixtures;

/// <summary>
/// The memory of one batch, on the heap of pinned objects: filled by several threads at once, each its own samples, then handed
/// out as a <see cref="Batch"/>, and filled again when that is disposed.
/// </summary>
internal sealed class BatchMemory
{
    private readonly BatchLayout _layout;
    private readonly byte[][] _arrays;

    private BatchMemory(BatchLayout layout, int capacity)
    {
        _layout = layout;
        _arrays = Array.ConvertAll(layout.Fields, f => GC.AllocateUninitializedArray<byte>(checked(f.ByteCount * capacity), pinned: true));
    }

    /// <summary>Memory that was given back, or new.</summary>
    public static BatchMemory Rent(BatchLayout layout, int capacity, ConcurrentBag<BatchMemory> free) =>
        free.TryTake(out var memory) ? memory : new BatchMemory(layout, capacity);

    /// <summary>The values of one sample in one of the layout's fields.</summary>
    public Span<byte> Sample(int field, int sample)
    {
        var bytes = _layout.Fields[field].ByteCount;
        return _arrays[field].AsSpan(sample * bytes, bytes);
    }

    /// <summary>Wraps the first samples.</summary>
    /// <param name="texts">Per text of the layout, one a sample.</param>
    /// <param name="origins">One a sample.</param>
    /// <param name="state">Where to go on.</param>
    /// <param name="free">Where the memory goes when the batch is disposed.</param>
    public Batch ToBatch(string[][] texts, SampleOrigin[] origins, LoaderState state, ConcurrentBag<BatchMemory> free)
    {
        var count = origins.Length;
        var arrays = new Dictionary<string, NdArray>(_arrays.Length);
        for (var i = 0; i < _arrays.Length; i++)
        {
            var field = _layout.Fields[i];
            arrays.Add(field.Key, new NdArray(field.DType, [count, .. field.Shape], MemoryMarshal.CreateFromPinnedArray(_arrays[i], 0, count * field.ByteCount)));
        }

        var named = new Dictionary<string, IReadOnlyList<string>>(texts.Length);
        for (var i = 0; i < texts.Length; i++)
            named.Add(_layout.Texts[i], texts[i]);
        return new Batch(count, arrays, named, () => free.Add(this)) { Origins = origins, State = state };
    }
}
