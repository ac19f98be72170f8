using CrossFormer.Arrays;
using CrossFormer.Parameters;
using CrossFormer.Tests.Model;

namespace CrossFormer.Tests.Parameters;

public class ParameterSetTests
{
    [Fact]
    public void Merge_KeepsWhatDoesNotFit_AndReportsIt()
    {
        using var module = new CrossFormerModule(TinyModel.Configuration, TinyModel.Shapes);
        var stored = new Dictionary<string, StoredArray>
        {
            ["heads_single_arm/mean_proj/bias"] = new MemoryArray(NdArray.From(new float[] { 1, 2, 3, 4, 5, 6, 7 }, 7)),
            ["heads_bimanual/mean_proj/bias"] = new MemoryArray(NdArray.From(new float[] { 1, 2 }, 2)),
            ["heads_wheel/mean_proj/bias"] = new MemoryArray(NdArray.From(new float[] { 1 }, 1)),
        };
        var report = module.Parameters.Merge(stored);
        Assert.Equal(["heads_single_arm/mean_proj/bias"], report.Loaded);
        Assert.Equal(["heads_bimanual/mean_proj/bias: expected [14], the checkpoint has [2]"], report.Reshaped);
        Assert.Equal(["heads_wheel/mean_proj/bias"], report.Skipped);
        Assert.Equal(module.Parameters.All.Count - 2, report.Missing.Count);
        Assert.Equal([1, 2, 3, 4, 5, 6, 7], module.Parameters["heads_single_arm/mean_proj/bias"].Value.data<float>().ToArray());
        Assert.Equal(0, module.Parameters["heads_bimanual/mean_proj/bias"].Value.abs().max().item<float>());
    }

    [Fact]
    public void All_IsInTheOrderOfANestedSortedTree()
    {
        using var set = new ParameterSet();
        foreach (var path in new[] { "b", "a_1/x", "a/x", "a/b/c", "a/b_2" })
            set.Root.Declare(path, Initializers.Zeros, 1);
        // 'a' sorts before 'a_1' as a key, although '/' sorts after '_' nowhere and before it in ASCII.
        Assert.Equal(["a/b/c", "a/b_2", "a/x", "a_1/x", "b"], set.All.Select(p => p.Path));
    }

    [Fact]
    public void Value_OfBFloat16Leaf_IsItsFloat32()
    {
        using var set = new ParameterSet();
        var parameter = set.Root.Declare("w", Initializers.Zeros, 2);
        set.Merge(new Dictionary<string, StoredArray> { ["w"] = new MemoryArray(new NdArray(DType.BFloat16, [2], new byte[] { 0x80, 0x3F, 0x20, 0xC0 })) });
        Assert.Equal([1f, -2.5f], parameter.Value.data<float>().ToArray());
    }
}
