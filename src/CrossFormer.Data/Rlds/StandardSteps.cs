using CrossFormer.Arrays;

namespace CrossFormer.Data.Rlds;

/// <summary>The step features that RLDS datasets of demonstrations have beside observations and actions.</summary>
internal static class StandardSteps
{
    /// <summary>The episode's feature that says whether the task was done.</summary>
    public const string Success = "episode_metadata/success";

    private static readonly RldsFeature Instruction = RldsFeature.Text("language_instruction");
    private static readonly RldsFeature IsFirst = RldsFeature.Tensor("is_first", DType.Bool, []);
    private static readonly RldsFeature IsLast = RldsFeature.Tensor("is_last", DType.Bool, []);
    private static readonly RldsFeature IsTerminal = RldsFeature.Tensor("is_terminal", DType.Bool, []);
    private static readonly RldsFeature Reward = RldsFeature.Tensor("reward", DType.Float32, []);
    private static readonly RldsFeature Discount = RldsFeature.Tensor("discount", DType.Float32, []);

    /// <summary>language_instruction, is_first, is_last, is_terminal, reward, discount.</summary>
    public static IReadOnlyList<RldsFeature> Features { get; } = [Instruction, IsFirst, IsLast, IsTerminal, Reward, Discount];

    /// <summary>Their values.</summary>
    /// <param name="instructions">One a step.</param>
    /// <param name="success">Whether the last step has reward 1; it is terminal either way.</param>
    /// <param name="rewards">Rewards that were recorded; null: 1 at the last step of a success.</param>
    public static IEnumerable<RldsColumn> Columns(IReadOnlyList<string> instructions, bool success, NdArray? rewards = null)
    {
        var n = instructions.Count;
        yield return new BytesColumn(Instruction, instructions);
        yield return Flags(IsFirst, 0);
        yield return Flags(IsLast, n - 1);
        yield return Flags(IsTerminal, n - 1);
        yield return new ArrayColumn(Reward, rewards ?? NdArray.From([.. Enumerable.Range(0, n).Select(t => success && t == n - 1 ? 1f : 0f)], n));
        yield return new ArrayColumn(Discount, NdArray.From(Enumerable.Repeat(1f, n).ToArray(), n));

        ArrayColumn Flags(RldsFeature feature, int at)
        {
            var flags = new bool[n];
            if ((uint)at < (uint)n)
                flags[at] = true;
            return new ArrayColumn(feature, NdArray.From(flags, n));
        }
    }
}
