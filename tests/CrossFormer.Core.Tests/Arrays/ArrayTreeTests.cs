using CrossFormer.Arrays;

namespace CrossFormer.Core.Tests.Arrays;

public class ArrayTreeTests
{
    private static readonly StoredArray One = new MemoryArray(NdArray.From([1f]));

    [Fact]
    public void Flatten_JoinsKeysAndIndicesInOrder()
    {
        var tree = new ArrayTree.Map(
        [
            new("z", new ArrayTree.Map([new("b", new ArrayTree.Leaf(One)), new("a", ArrayTree.Nil)])),
            new("list", new ArrayTree.Sequence([new ArrayTree.Text("x"), new ArrayTree.Leaf(One)])),
            new("empty", new ArrayTree.Map([])),
        ]);

        Assert.Equal(["z/b", "z/a", "list/0", "list/1"], tree.Flatten().Keys);
        Assert.Equal(["z/b", "list/1"], tree.FlattenArrays().Keys);
    }

    [Fact]
    public void Flatten_RefusesTwoLeavesOfOnePath()
    {
        var tree = new ArrayTree.Map([new("a/b", ArrayTree.Nil), new("a", new ArrayTree.Map([new("b", ArrayTree.Nil)]))]);
        Assert.Contains("'a/b'", Assert.Throws<InvalidOperationException>(() => tree.Flatten()).Message);
    }

    [Fact]
    public void Nest_IsTheInverseOfFlatten()
    {
        string[] paths = ["m/x/kernel", "m/x/bias", "h", "m/y"];

        var flat = ArrayTree.Nest(paths.Select(p => KeyValuePair.Create(p, One))).FlattenArrays();

        Assert.Equal(["m/x/kernel", "m/x/bias", "m/y", "h"], flat.Keys);
    }

    [Theory]
    [InlineData("a", "a")]
    [InlineData("a", "a/b")]
    [InlineData("a/b", "a")]
    public void Nest_RefusesAPathThatIsArrayAndMap(string first, string second) =>
        Assert.Throws<ArgumentException>(() => ArrayTree.Nest([new(first, One), new(second, One)]));

    [Fact]
    public void Map_NamesTheKeysThatExist() =>
        Assert.Contains("x, y", Assert.Throws<KeyNotFoundException>(() => new ArrayTree.Map([new("x", ArrayTree.Nil), new("y", ArrayTree.Nil)])["z"]).Message);

    [Fact]
    public void ComputedArray_FillsWhatIsAskedFor()
    {
        var array = new ComputedArray(DType.UInt8, [2, 2], span => span.Fill(7));
        using var stream = new MemoryStream();

        array.WriteTo(stream);

        Assert.Equal([7, 7, 7, 7], array.Read().Bytes.ToArray());
        Assert.Equal([7, 7, 7, 7], stream.ToArray());
        Assert.Contains("destination 3", Assert.Throws<ArgumentException>(() => array.ReadInto(new byte[3])).Message);
    }
}
