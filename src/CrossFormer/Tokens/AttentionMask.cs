// B batch · T window step · N tokens in group · S sequence
using System.Text;
using static TorchSharp.torch;

namespace CrossFormer.Tokens;

/// <summary>
/// Who may attend to whom. The sequence is: all prefix groups, then for each timestep all timestep groups. Rules depend only
/// on groups and steps, so they are decided once per pair of blocks and then spread over tokens (the reference asks
/// for every pair of tokens, seconds for a long sequence).
/// </summary>
public sealed class AttentionMask
{
    private readonly List<(string Name, int Step, int Count, AttentionRules Rules)> _blocks = [];

    private AttentionMask()
    {
    }

    /// <summary>Names, steps (−1 for a prefix) and token counts of the blocks, in the sequence's order.</summary>
    public IEnumerable<(string Name, int Step, int Count)> Blocks => _blocks.Select(b => (b.Name, b.Step, b.Count));

    /// <summary>The layout and rules of a sequence.</summary>
    /// <param name="prefix">Groups before the timesteps.</param>
    /// <param name="timesteps">Groups of each timestep.</param>
    /// <param name="window">Number of timesteps.</param>
    /// <exception cref="ArgumentException">A rule lets a token attend to the future.</exception>
    public static AttentionMask Create(
        IReadOnlyList<(string Name, int Count, AttentionRules Rules)> prefix, IReadOnlyList<(string Name, int Count, AttentionRules Rules)> timesteps, int window)
    {
        foreach (var (name, _, rules) in prefix.Concat(timesteps))
        {
            foreach (var (other, _, _) in prefix.Concat(timesteps))
            {
                if (rules.Towards(other) == AttentionRule.All)
                    throw new ArgumentException($"Group {name} attends to all of {other}, future timesteps included; causality is enforced.");
            }
        }

        foreach (var (name, _, rules) in prefix)
        {
            foreach (var (other, _, _) in timesteps)
            {
                if (rules.Towards(other) != AttentionRule.Never)
                    throw new ArgumentException($"Prefix group {name} attends to timestep group {other}; a prefix may not see any timestep.");
            }
        }

        var mask = new AttentionMask();
        foreach (var (name, count, rules) in prefix)
            mask._blocks.Add((name, -1, count, rules));
        for (var t = 0; t < window; t++)
        {
            foreach (var (name, count, rules) in timesteps)
                mask._blocks.Add((name, t, count, rules));
        }

        return mask;
    }

    /// <summary>bool [S, S]: true where the row's token may attend to the column's.</summary>
    public Tensor ToTensor()
    {
        var length = _blocks.Sum(b => b.Count);
        var flags = new bool[length * length];
        var row = 0;
        foreach (var self in _blocks)
        {
            var first = flags.AsSpan(row * length, length);
            var column = 0;
            foreach (var other in _blocks)
            {
                first.Slice(column, other.Count).Fill(self.Rules.Allows(self.Step, other.Name, other.Step));
                column += other.Count;
            }

            for (var i = 1; i < self.Count; i++)
                first.CopyTo(flags.AsSpan((row + i) * length, length));
            row += self.Count;
        }

        return tensor(flags, [length, length]);
    }

    /// <summary>A table with a row for each block and a mark under each block that it attends to.</summary>
    public override string ToString()
    {
        var labels = _blocks.Select(b => b.Step < 0 ? $"{b.Name} ({b.Count})" : $"t={b.Step} {b.Name} ({b.Count})").ToArray();
        var width = labels.Max(l => l.Length);
        var text = new StringBuilder("Row attends to column; columns in the rows' order, tokens per block in brackets.\n");
        for (var i = 0; i < labels.Length; i++)
        {
            text.Append(labels[i].PadRight(width + 2));
            foreach (var other in _blocks)
                text.Append(_blocks[i].Rules.Allows(_blocks[i].Step, other.Name, other.Step) ? 'x' : '.');
            text.Append('\n');
        }

        return text.ToString();
    }
}
