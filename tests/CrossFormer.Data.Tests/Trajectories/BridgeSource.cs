using System.Runtime.InteropServices;
using CrossFormer.Arrays;
using CrossFormer.Data.Rlds;
using CrossFormer.Data.Trajectories;
using CrossFormer.Statistics;
using CrossFormer.Testing;

namespace CrossFormer.Data.Tests.Trajectories;

/// <summary>The Bridge episodes, as the goldens' settings read them. Written out here so that these tests stand on their own.</summary>
internal static class BridgeSource
{
    public static DatasetSource Create(Normalization normalization = Normalization.Normal) => new()
    {
        Dataset = RldsDataset.Open(Goldens.SharedPath("data", "bridge")),
        Standardize = Standardize,
        StandardizeName = "bridge",
        ImageKeys = new Dictionary<string, string?> { ["primary"] = "image_0", ["high"] = null },
        ProprioKeys = new Dictionary<string, string?> { ["bimanual"] = null, ["quadruped"] = null, ["primary"] = "proprio" },
        ProprioDimensions = new Dictionary<string, int> { ["bimanual"] = 14, ["quadruped"] = 46 },
        LanguageKey = "language_instruction",
        Normalization = normalization,
        ActionNormalizationMask = [true, true, true, true, true, true, false],
    };

    public static Trajectory Standardize(Trajectory episode)
    {
        var state = episode.Numbers("observation/state").AsSpan<float>();
        var action = episode.Numbers("action").AsSpan<float>().ToArray();
        var length = episode.Length;
        // Grippers between open and closed take the state that is reached later.
        var carry = action[^1];
        for (var t = length - 1; t >= 0; t--)
        {
            var gripper = action[(7 * t) + 6];
            carry = gripper > 0.95f ? 1 : gripper < 0.05f ? 0 : carry;
            action[(7 * t) + 6] = carry;
        }

        for (var t = 0; t < length - 1; t++)
        {
            for (var d = 0; d < 6; d++)
                action[(7 * t) + d] = state[(7 * (t + 1)) + d] - state[(7 * t) + d];
        }

        var cut = episode.Slice(0, length - 1);
        var bytes = MemoryMarshal.AsBytes(action.AsSpan(0, 7 * (length - 1))).ToArray();
        return cut.With("action", new NdArray(DType.Float32, [length - 1, 7], bytes)).With("observation/proprio", cut.Numbers("observation/state"));
    }
}
