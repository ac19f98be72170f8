using CrossFormer.Arrays;
using CrossFormer.Checkpoints;
using CrossFormer.Testing;

namespace CrossFormer.Tests.Checkpoints;

public sealed class OrbaxDirectoryTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [Trait(Goldens.Category, Goldens.Reference)]
    [InlineData("msgpack", CheckpointForm.Msgpack)]
    [InlineData("ocdbt", CheckpointForm.Ocdbt)]
    [InlineData("zarr", CheckpointForm.Zarr)]
    public void ReadParameters_GivesTheReferencesParametersBitForBit(string name, CheckpointForm form)
    {
        var parameters = OrbaxDirectory.Open(Goldens.File("checkpoints", name)).ReadParameters();

        Assert.Equal((7, form, 68), (parameters.Step, parameters.Form, parameters.Arrays.Count));
        foreach (var (path, array) in parameters.Arrays)
        {
            var expected = new float[NdArray.ElementCount(array.Shape)];
            Formula.FillParameter(path, array.Shape, expected);
            Assert.Equal(expected, array.Read().AsSpan<float>().ToArray());
        }
    }

    [Fact]
    [Trait(Goldens.Category, Goldens.Reference)]
    public void ReadParameters_GivesTheSameNamesAndShapesInAllForms()
    {
        var forms = new[] { "msgpack", "ocdbt", "zarr" }
            .Select(form => OrbaxDirectory.Open(Goldens.File("checkpoints", form)).ReadParameters().Arrays.Select(a => $"{a.Key} {a.Value}"))
            .ToList();

        Assert.Equal(forms[0], forms[1]);
        Assert.Equal(forms[0], forms[2]);
    }
}
