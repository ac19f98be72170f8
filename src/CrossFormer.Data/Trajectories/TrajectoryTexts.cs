using System.Text;

namespace CrossFormer.Data.Trajectories;

/// <summary>A string per step: bytes that are UTF-8 by convention only. An empty one stands for a text that is absent.</summary>
public sealed class TrajectoryTexts : TrajectoryColumn
{
    /// <summary>Takes the strings over without copying.</summary>
    public TrajectoryTexts(IReadOnlyList<ReadOnlyMemory<byte>> values) => Values = values;

    /// <summary>Encodes texts as UTF-8.</summary>
    public TrajectoryTexts(IEnumerable<string> texts) => Values = [.. texts.Select(t => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(t))];

    /// <summary>One per step. They may share the record's memory.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Values { get; }

    /// <inheritdoc/>
    public override int Length => Values.Count;

    /// <summary>The string of one step as text; bytes that are not UTF-8 become U+FFFD.</summary>
    public string Text(int step) => Encoding.UTF8.GetString(Values[step].Span);

    /// <summary>The same text at every step.</summary>
    public static TrajectoryTexts Repeat(string text, int steps)
    {
        var values = new ReadOnlyMemory<byte>[steps];
        Array.Fill(values, Encoding.UTF8.GetBytes(text));
        return new TrajectoryTexts(values);
    }

    /// <inheritdoc/>
    public override TrajectoryColumn Slice(int first, int count)
    {
        CheckSlice(first, count);
        return new TrajectoryTexts([.. Values.Skip(first).Take(count)]);
    }

    /// <inheritdoc/>
    public override TrajectoryColumn Gather(ReadOnlySpan<int> indices) => new TrajectoryTexts(GatherBytes(Values, indices));

    /// <inheritdoc/>
    public override string ToString() => $"string[{Length}]";
}
