using CrossFormer.Data.OpenX;
using CrossFormer.Data.Trajectories;
using CrossFormer.Statistics;
using CrossFormer.Testing;

namespace CrossFormer.Data.Tests.Trajectories;

/// <summary>The Bridge episodes, as the goldens' settings read them: two views, and the arm's own proprioception beside the published ones.</summary>
internal static class BridgeSource
{
    public static DatasetSource Create(Normalization normalization = Normalization.Normal) =>
        (DatasetConfiguration.Find("bridge_dataset") with { Proprioception = [new("bimanual", null, 14), new("quadruped", null, 46), new("primary", "proprio", 0)] })
        .Open(Goldens.SharedPath("data", "bridge"), new DatasetOptions { Views = ["primary", "high"], Normalization = normalization });
}
