using CrossFormer.Arrays;

namespace CrossFormer.Core.Tests.Arrays;

public class FormulaTests
{
    [Fact]
    public void Symmetric_GivesTheDocumentedValues() =>
        Assert.Equal(
            [-0.4599648714065552f, -0.39014577865600586f, 0.01824319362640381f, -0.8019912242889404f],
            Formula.Symmetric("g/c/x", 1, 4).AsSpan<float>().ToArray());

    [Fact]
    public void Image_GivesTheDocumentedPixels() =>
        Assert.Equal([21, 3, 167, 33, 16, 12], Formula.Image("g/small", 6).AsSpan<byte>().ToArray());
}
