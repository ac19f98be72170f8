using CrossFormer.Arrays;
using CrossFormer.Checkpoints;
using CrossFormer.Formats;
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

    [Theory]
    [Trait(Goldens.Category, Goldens.Reference)]
    [InlineData]
    [InlineData("7")]
    [InlineData("7", "default")]
    public void Open_TakesRootStepAndItemFolders(params string[] below)
    {
        var root = Goldens.File("checkpoints", "msgpack");

        var checkpoint = OrbaxDirectory.Open(Path.Combine([root, .. below]) + "/");

        Assert.Equal(root, checkpoint.Root);
        Assert.Equal([7], checkpoint.Steps);
        Assert.Equal(68, checkpoint.ReadParameters(7).Arrays.Count);
        Assert.Equal(File.ReadAllBytes(Path.Combine(root, "config.json")), checkpoint.ReadConfig());
        Assert.Equal(File.ReadAllBytes(Path.Combine(root, "dataset_statistics.json")), checkpoint.ReadDatasetStatistics());
    }

    [Fact]
    [Trait(Goldens.Category, Goldens.Reference)]
    public void ReadExampleBatch_GivesTheShapesOfTheFullModelsInputs()
    {
        var batch = OrbaxDirectory.Open(Goldens.File("checkpoints", "full")).ReadExampleBatch().FlattenArrays();
        Assert.EndsWith(",59]", batch["observation/proprio_quadruped"].ToString());
    }

    [Fact]
    public void ReadParameters_TakesTheNewestFinishedStep()
    {
        Write(9, 9);
        Write(10, 10);
        foreach (var unfinished in new[] { "11.orbax-checkpoint-tmp-1700000000", "12", "13/default.orbax-checkpoint-tmp-1700000000", "x14" })
        {
            Directory.CreateDirectory(_folder[unfinished]);
            File.Copy(_folder["9", "default", "checkpoint"], _folder[unfinished, "other"]);
        }

        var checkpoint = OrbaxDirectory.Open(_folder.Path);

        Assert.Equal([9, 10], checkpoint.Steps);
        Assert.Equal([10f], checkpoint.ReadParameters().Arrays["a/b"].Read().ToSingles());
        Assert.Equal([9f], checkpoint.ReadParameters(9).Arrays["a/b"].Read().ToSingles());
        Assert.Contains("it has 9, 10", Assert.Throws<FileNotFoundException>(() => checkpoint.ReadParameters(12)).Message);
    }

    [Fact]
    public void ReadParameters_DecidesLeafByLeaf()
    {
        WriteTree(new ArrayTree.Map(
        [
            new("here", new ArrayTree.Leaf(new MemoryArray(NdArray.From([1f])))),
            new("there", new ArrayTree.Text("PLACEHOLDER://there")),
            new("unsupported", ArrayTree.Nil),
        ]));
        Directory.CreateDirectory(_folder["1", "default", "there"]);
        File.WriteAllText(_folder["1", "default", "there", ".zarray"], """{"zarr_format":2,"shape":[1],"chunks":[1],"dtype":"bfloat16","compressor":null,"fill_value":null,"order":"C"}""");
        File.WriteAllBytes(_folder["1", "default", "there", "0"], [0xc0, 0x3f]);

        var parameters = OrbaxDirectory.Open(_folder.Path).ReadParameters();

        Assert.Equal(CheckpointForm.Zarr, parameters.Form);
        Assert.Equal(["here", "there"], parameters.Arrays.Keys);
        Assert.Equal([1.5f], parameters.Arrays["there"].Read().ToSingles());
    }

    [Theory]
    [InlineData("PLACEHOLDER://../../secret", "inside")]
    [InlineData("PLACEHOLDER:///etc", "inside")]
    [InlineData("PLACEHOLDER://absent", "expected absent/.zarray")]
    [InlineData("something else", "expected an array or a placeholder at 'p'")]
    public void ReadParameters_RefusesPlaceholders(string text, string because)
    {
        WriteTree(new ArrayTree.Map([new("p", new ArrayTree.Text(text))]));
        Assert.Contains(because, Assert.Throws<CorruptFileException>(() => OrbaxDirectory.Open(_folder.Path).ReadParameters()).Message);
    }

    [Fact]
    public void ReadParameters_RefusesTwoParametersOfOnePath()
    {
        var leaf = new ArrayTree.Leaf(new MemoryArray(NdArray.From([1f])));
        WriteTree(new ArrayTree.Map([new("a/b", leaf), new("a", new ArrayTree.Map([new("b", leaf)]))]));
        Assert.Throws<CorruptFileException>(() => OrbaxDirectory.Open(_folder.Path).ReadParameters());
    }

    [Fact]
    public void Open_SaysWhatIsMissing()
    {
        Assert.Contains("found nothing", Assert.Throws<DirectoryNotFoundException>(() => OrbaxDirectory.Open(_folder["absent"])).Message);
        var empty = OrbaxDirectory.Open(_folder.Path);
        Assert.Contains("Expected a step folder", Assert.Throws<FileNotFoundException>(() => empty.ReadParameters()).Message);
        Assert.Contains("config.json", Assert.Throws<FileNotFoundException>(() => empty.ReadConfig()).Message);
    }

    private void Write(int step, float value) => WriteTree(ArrayTree.Nest([new("a/b", new MemoryArray(NdArray.From([value])))]), step);

    private void WriteTree(ArrayTree tree, int step = 1)
    {
        Directory.CreateDirectory(_folder[step.ToString(), "default"]);
        using var file = File.Create(_folder[step.ToString(), "default", "checkpoint"]);
        MsgPack.Write(file, tree);
    }
}
