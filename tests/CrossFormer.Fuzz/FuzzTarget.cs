using CrossFormer.Formats;

namespace CrossFormer.Fuzz;

/// <summary>A reader and what to feed it with.</summary>
/// <param name="Name">The format.</param>
/// <param name="Seeds">Valid inputs, to be damaged.</param>
/// <param name="Read">Reads an input to the last element.</param>
/// <param name="AllocationMultiple">It may allocate <see cref="FreeBytes"/> and so many times the input's size.</param>
internal sealed record FuzzTarget(string Name, IReadOnlyList<byte[]> Seeds, Action<byte[]> Read, long AllocationMultiple)
{
    /// <summary>Which exceptions are the reader's way of saying no; by default that of damaged files alone.</summary>
    public Func<Exception, bool> IsRefusal { get; init; } = e => e is CorruptFileException;

    /// <summary>What every reader may allocate: buffers, and the undamaged files beside the damaged one.</summary>
    public const long FreeBytes = 8 << 20;

    /// <summary>Formats without compression: headers become objects, elements are copied once.</summary>
    public const long Plain = 128;

    /// <summary>zstd's own limit is 32768 bytes for one (a run in 4 bytes); the array and a padded chunk may each be so large.</summary>
    public const long Compressed = 2 * 32768;
}
