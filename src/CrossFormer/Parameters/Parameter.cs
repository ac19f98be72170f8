using System.Runtime.InteropServices;
using CrossFormer.Arrays;
using TorchSharp;
using static TorchSharp.torch;

namespace CrossFormer.Parameters;

/// <summary>
/// One parameter: its Flax path, its shape in Flax's layout (dense [in, out], convolution HWIO, attention [in, heads, head dim])
/// and its float32 value. The value comes into being when it is first read: from a checkpoint, or from the initialiser. So a
/// model is described without allocating it, and an acting model loads only what its robot needs.
/// </summary>
public sealed class Parameter : IDisposable
{
    private readonly ParameterSet _owner;
    private Tensor? _value;
    private StoredArray? _stored;
    private bool _released;

    internal Parameter(ParameterSet owner, string path, long[] shape, Initializer initializer) =>
        (_owner, Path, Shape, Initializer) = (owner, path, shape, initializer);

    /// <summary>Flax path joined by '/', for example <c>heads_nav/mean_proj/kernel</c>.</summary>
    public string Path { get; }

    /// <summary>Dimensions in Flax's layout.</summary>
    public long[] Shape { get; }

    /// <summary>Number of elements.</summary>
    public long Count => Shape.Aggregate(1L, (n, d) => n * d);

    /// <summary>The initialiser that the reference gives it.</summary>
    public Initializer Initializer { get; }

    /// <summary>Whether the value is in memory.</summary>
    public bool IsLoaded => _value is not null;

    /// <summary>float32 [<see cref="Shape"/>] on the set's device; loaded at the first read. Owned by this parameter.</summary>
    /// <exception cref="InvalidOperationException">The value was released by an acting model.</exception>
    public Tensor Value => _value ??= Materialize();

    /// <summary>Takes the value from a file when it is first read.</summary>
    internal void Bind(StoredArray stored)
    {
        if (!stored.Shape.Select(d => (long)d).SequenceEqual(Shape))
            throw new ArgumentException($"Parameter {Path}: expected shape [{string.Join(',', Shape)}], the checkpoint has [{string.Join(',', stored.Shape)}].");
        Drop();
        (_stored, _released) = (stored, false);
    }

    /// <summary>Replaces the value.</summary>
    internal void Set(Tensor value)
    {
        Drop();
        (_value, _stored, _released) = (value.DetachFromDisposeScope(), null, false);
    }

    /// <summary>What is trained in the value's place; null: nothing.</summary>
    internal LowRankAdapter? Adapter { get; set; }

    /// <summary>The value together with what its adapter adds. Without an adapter the value itself; else a new tensor in the caller's dispose scope.</summary>
    internal Tensor Merged() => Adapter is null ? Value : Adapter.Merge(Value);

    /// <summary>Puts another tensor in the value's place and gives the old one away. Whoever takes it owns it.</summary>
    internal Tensor Exchange(Tensor value)
    {
        var old = Value;
        _value = value;
        return old;
    }

    /// <summary>Frees the value for good: an acting model holds a folded copy. Reading or saving it afterwards is an error.</summary>
    internal void Release()
    {
        Drop();
        _released = true;
    }

    internal bool IsReleased => _released;

    /// <summary>The value as a writer takes it, merged with its adapter, in C order, float32.</summary>
    internal StoredArray Stored => Adapter is null ? StoredBase : new ComputedArray(DType.Float32, [.. Shape.Select(d => (int)d)], CopyMergedTo);

    /// <summary>The same without the adapter.</summary>
    internal StoredArray StoredBase => new ComputedArray(DType.Float32, [.. Shape.Select(d => (int)d)], CopyTo);

    /// <summary>Copies the value in C order, float32, without keeping it in memory when it was not there before.</summary>
    internal void CopyTo(Span<byte> destination)
    {
        if (_value is null && _stored is { DType: DType.Float32 } stored)
        {
            stored.ReadInto(destination);
            return;
        }

        Copy(Value, destination);
    }

    /// <inheritdoc/>
    public void Dispose() => Drop();

    private void CopyMergedTo(Span<byte> destination)
    {
        using var scope = NewDisposeScope();
        Copy(Merged(), destination);
    }

    private static void Copy(Tensor value, Span<byte> destination)
    {
        using var scope = NewDisposeScope();
        value.detach().to(ScalarType.Float32).cpu().contiguous().bytes.CopyTo(destination);
    }

    private void Drop()
    {
        _value?.Dispose();
        _value = null;
    }

    private Tensor Materialize()
    {
        if (_released)
            throw new InvalidOperationException($"Parameter {Path} was released when the acting model was built; load the checkpoint again to read, train or save it.");
        using var none = no_grad();
        Tensor value;
        if (_stored is null)
        {
            value = Initializer(Shape, _owner.Generator);
        }
        else
        {
            value = empty(Shape, ScalarType.Float32);
            if (_stored.DType == DType.Float32)
                _stored.ReadInto(value.bytes);
            else
                _stored.Read().ToSingles().CopyTo(MemoryMarshal.Cast<byte, float>(value.bytes));
        }

        if (_owner.Device.type != DeviceType.CPU)
        {
            var moved = value.to(_owner.Device);
            value.Dispose();
            value = moved;
        }

        return value.DetachFromDisposeScope();
    }
}
