using System.Text.RegularExpressions;

namespace CrossFormer.Data.Rlds;

/// <summary>
/// TFDS's split expressions: <c>train</c>, <c>train[:95%]</c>, <c>train[10:-20]</c>, <c>train[2shard]</c>, <c>all</c>, and
/// sums of them with <c>+</c>. Percent boundaries are rounded to the nearest episode, halves to even. What TFDS refuses is
/// refused here. Source: tensorflow_datasets/core/splits.py, pinned by goldens/rlds/splits.json.
/// </summary>
internal static partial class SplitExpression
{
    /// <summary>Resolves an expression to slices of shards, in the order that the expression says.</summary>
    /// <exception cref="ArgumentException">It is no split expression, names an unknown split, or selects nothing.</exception>
    public static IReadOnlyList<RldsShardSlice> Resolve(string expression, IReadOnlyList<RldsSplit> splits)
    {
        var slices = new List<RldsShardSlice>();
        foreach (var term in SumPattern().Split(expression))
            slices.AddRange(ResolveTerm(expression, term, splits));
        return slices.Count > 0 ? slices : throw Refuse(expression, $"it selects no episode of {Describe(splits)}");
    }

    private static IEnumerable<RldsShardSlice> ResolveTerm(string expression, string term, IReadOnlyList<RldsSplit> splits)
    {
        var match = TermPattern().Match(term);
        if (!match.Success)
            throw Refuse(expression, $"'{term}' is no split; expected for example train, train[:95%], train[10:20], all, or a sum with +");
        var name = match.Groups["name"].Value;
        var selector = match.Groups["selector"];
        if (name == "all")
        {
            return selector.Success
                ? throw Refuse(expression, "'all' takes no slice; slice each split and add them")
                : splits.SelectMany(s => Cut(s, 0, s.EpisodeCount));
        }

        var split = splits.FirstOrDefault(s => s.Name == name) ?? throw Refuse(expression, $"there is no split '{name}'; the dataset has {Describe(splits)}");
        if (!selector.Success)
            return Cut(split, 0, split.EpisodeCount);
        var (from, to) = Bounds(expression, selector.Value, split);
        return Cut(split, from, to);
    }

    private static (int From, int To) Bounds(string expression, string selector, RldsSplit split)
    {
        var bounds = selector.Split(':').Select(b => BoundPattern().Match(b)).ToArray();
        if (bounds.Length > 2 || bounds.Any(b => !b.Success) || bounds.All(b => b.Length == 0))
            throw Refuse(expression, $"'[{selector}]' is no slice; expected for example [:95%], [10:20], [1shard:]");
        var from = Value(bounds[0]);
        // One bound's unit holds for both.
        var unit = bounds[0].Groups["unit"].Value is { Length: > 0 } u ? u : bounds[^1].Groups["unit"].Value;
        long? to;
        if (bounds.Length == 1)
        {
            if (unit != "shard" || from is null)
                throw Refuse(expression, $"'[{selector}]' needs a colon; only a shard can be named alone ([1shard])");
            to = from == -1 ? null : from + 1;
        }
        else
        {
            to = Value(bounds[1]);
        }

        var n = split.EpisodeCount;
        switch (unit)
        {
            case "%":
                if (Math.Abs(from ?? 0) > 100 || Math.Abs(to ?? 0) > 100)
                    throw Refuse(expression, "percentages must be within -100 and 100");
                (from, to) = (Percent(from, n), Percent(to, n));
                break;
            case "shard":
                (from, to) = (EpisodesBefore(split, from), EpisodesBefore(split, to));
                break;
            default:
                if (Math.Abs(from ?? 0) > n || Math.Abs(to ?? 0) > n)
                    throw Refuse(expression, $"'{split.Name}' has {n} episodes");
                break;
        }

        return (Wrap(from ?? 0), Wrap(to ?? n));

        // Counted from the end when negative; the checks above keep it in range.
        int Wrap(long bound) => (int)(bound < 0 ? n + bound : bound);

        long? Value(Match bound)
        {
            var digits = bound.Groups["value"];
            return !digits.Success ? null :
                long.TryParse(digits.Value.Replace("_", ""), out var value) && Math.Abs(value) <= int.MaxValue ? value :
                throw Refuse(expression, $"{digits.Value} is too large");
        }
    }

    private static long? Percent(long? percent, int count) =>
        percent is { } p ? (long)Math.Round(p * count / 100.0, MidpointRounding.ToEven) : null;

    // As Python's sum(lengths[:shard]): negative from the end, out of range cut.
    private static long? EpisodesBefore(RldsSplit split, long? shard)
    {
        if (shard is not { } s)
            return null;
        var shards = split.ShardLengths.Count;
        return split.ShardLengths.Take((int)Math.Clamp(s < 0 ? shards + s : s, 0, shards)).Sum();
    }

    private static IEnumerable<RldsShardSlice> Cut(RldsSplit split, int from, int to)
    {
        var start = 0;
        for (var i = 0; i < split.Files.Count; i++)
        {
            var length = split.ShardLengths[i];
            var (first, end) = (Math.Max(from - start, 0), Math.Min(to - start, length));
            if (first < end)
                yield return new RldsShardSlice(split.Files[i], first, end - first, length);
            start += length;
        }
    }

    private static string Describe(IReadOnlyList<RldsSplit> splits) =>
        splits.Count == 0 ? "no splits" : string.Join(", ", splits.Select(s => $"{s.Name} ({s.EpisodeCount} episodes)"));

    private static ArgumentException Refuse(string expression, string problem) => new($"Split '{expression}': {problem}.", nameof(expression));

    [GeneratedRegex(@"\s*\+\s*")]
    private static partial Regex SumPattern();

    [GeneratedRegex(@"\A(?<name>\w+)(\[(?<selector>[\d\w%:-]+)\])?\z")]
    private static partial Regex TermPattern();

    [GeneratedRegex(@"\A(?<value>-?[0-9]+(_[0-9]+)*)?(?<unit>%|shard)?\z")]
    private static partial Regex BoundPattern();
}
