using CrossFormer.Arrays;
using CrossFormer.Formats;
using CrossFormer.Testing;

namespace CrossFormer.Core.Tests.Formats;

[Trait(Goldens.Category, Goldens.Reference)]
public class MsgPackGoldenTests
{
    [Fact]
    public void Open_GivesEveryParameterOfTheReferenceBitForBit()
    {
        var parameters = MsgPack.Open(Goldens.File("checkpoints", "msgpack", "7", "default", "checkpoint")).FlattenArrays();

        Assert.Equal(68, parameters.Count);
        foreach (var (path, array) in parameters)
        {
            var expected = new float[NdArray.ElementCount(array.Shape)];
            Formula.FillParameter(path, array.Shape, expected);
            Assert.Equal(expected, array.Read().AsSpan<float>().ToArray());
        }
    }

    [Theory]
    [InlineData("msgpack", "7", "default", "checkpoint")]
    [InlineData("msgpack", "example_batch.msgpack")]
    [InlineData("ocdbt", "7", "default", "checkpoint")]
    [InlineData("zarr", "7", "default", "checkpoint")]
    [InlineData("full", "example_batch.msgpack")]
    public void Write_RepeatsTheReferencesBytes(params string[] segments)
    {
        var path = Goldens.File(["checkpoints", .. segments]);
        using var copy = new MemoryStream();

        MsgPack.Write(copy, MsgPack.Open(path));

        Assert.Equal(File.ReadAllBytes(path), copy.ToArray());
    }

    [Theory]
    [InlineData(4099, "msgpack", "7", "default", "checkpoint")]
    [InlineData(997, "msgpack", "example_batch.msgpack")]
    [InlineData(101, "zarr", "7", "default", "checkpoint")]
    public void Read_SurvivesDamageToTheReferencesFiles(int stride, params string[] segments)
    {
        var bytes = File.ReadAllBytes(Goldens.File(["checkpoints", .. segments]));
        Damage.Truncate(bytes, Trees.ReadAll, stride);
        _ = Damage.Flip(bytes, Trees.ReadAll, 8 * stride);
    }
}
