using System.Text;
using CrossFormer.Arrays;
using CrossFormer.Data.Conversion;
using CrossFormer.Data.Conversion.Tables;
using CrossFormer.Data.Rlds;
using CrossFormer.Formats;
using CrossFormer.Testing;

namespace CrossFormer.Data.Tests.Conversion;

/// <summary>Parquet files and LeRobot's lists that lie.</summary>
public sealed class HostileTableTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("a number that never ends", new byte[] { 0x15 }, 0xFF)]
    [InlineData("a list in a list in a list", new byte[] { 0xF9 }, 0x19)]
    [InlineData("a structure in a structure", new byte[] { }, 0x1C)]
    [InlineData("a schema of more columns than bytes", new byte[] { 0x29, 0xFC }, 0xFF)]
    public void AFooter_WithoutEndOrDepth_IsAnError(string what, byte[] begin, byte rest)
    {
        byte[] footer = [.. begin, .. Enumerable.Repeat(rest, 200_000)];
        Assert.Contains("not readable as Parquet", Assert.Throws<EpisodeSourceException>(() => ParquetTable.Open(Parquet(footer))).Message, StringComparison.Ordinal);
        Assert.NotEmpty(what);
    }

    [Fact]
    public void Columns_NestedByTheThousand_AreAnError()
    {
        // version 1; schema: so many elements, each called "a" and with one child.
        byte[] element = [0x48, 1, (byte)'a', 0x15, 2, 0];
        byte[] footer = [0x15, 2, 0x19, 0xFC, 0xA0, 0x8D, 0x06, .. Enumerable.Repeat(element, 100_000).SelectMany(e => e), 0];
        Assert.Contains("deep", Assert.Throws<EpisodeSourceException>(() => ParquetTable.Open(Parquet(footer))).Message);
    }

    [Fact]
    public void APage_ThatClaimsMoreThanItHolds_IsRefused()
    {
        var seed = Directory.EnumerateFiles(Goldens.File("foreign", "lerobot_v21_images"), "*.parquet", SearchOption.AllDirectories).Order(StringComparer.Ordinal).First();
        var bytes = File.ReadAllBytes(seed);
        var refused = 0;
        // A page's header begins with its kind and its size; make the size of every one a gigabyte.
        for (var at = 4; at + 4 < bytes.Length; at++)
        {
            if (bytes[at] != 0x15 || bytes[at + 1] > 6 || bytes[at + 2] != 0x15)
                continue;
            var end = at + 3 + bytes.AsSpan(at + 3).IndexOfAnyInRange((byte)0, (byte)0x7F) + 1;
            byte[] damaged = [.. bytes[..(at + 3)], 0xFE, 0xFF, 0xFF, 0xFF, 0x07, .. bytes[end..]];
            var error = Record.Exception(() => ReadAll(_folder.Write("a.parquet", damaged)));
            Assert.True(error is null or EpisodeSourceException, error?.ToString());
            refused += error?.Message.Contains("claims", StringComparison.Ordinal) == true ? 1 : 0;
        }

        Assert.InRange(refused, 1, int.MaxValue);
    }

    [Fact]
    public void ATruncatedTable_IsOneErrorThatNamesIt()
    {
        var whole = File.ReadAllBytes(Directory.EnumerateFiles(Goldens.File("foreign", "lerobot_v30"), "*.parquet", SearchOption.AllDirectories).Order(StringComparer.Ordinal).First());
        for (var length = 0; length < whole.Length; length += whole.Length / 23)
            Assert.Contains("a.parquet", Assert.Throws<EpisodeSourceException>(() => ReadAll(_folder.Write("a.parquet", whole.AsSpan(0, length)))).Message);
    }

    [Fact]
    public void TwoTasks_OfOneNumber_AreAnError()
    {
        var source = Goldens.File("foreign", "lerobot_v21_images");
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
            _folder.Write(Path.GetRelativePath(source, file), File.ReadAllBytes(file));
        var tasks = _folder.File("meta/tasks.jsonl");
        File.AppendAllText(tasks, File.ReadAllText(tasks));
        Assert.Contains("it is there twice", Assert.Throws<EpisodeSourceException>(() => EpisodeSources.Open(_folder.Path)).Message);
    }

    [Fact]
    public void ALengthBelowZero_IsAnErrorOfTheDescription()
    {
        _folder.Write("meta/info.json", """{"codebase_version":"v2.1","fps":5,"data_path":"a","features":{"action":{"dtype":"float32","shape":[-1]}}}"""u8);
        Assert.Contains("$.features.action.shape[0]", Assert.Throws<CorruptFileException>(() => EpisodeSources.Open(_folder.Path)).Message);
    }

    [Fact]
    public void TextThatIsNoUnicode_IsAnErrorEvenWhereNoTextBelongs()
    {
        _folder.Write("meta/info.json", [.. """{"codebase_version":"v2.1","fps":5,"data_path":"a","features":"""u8, (byte)'"', 0xC3, 0x28, (byte)'"', (byte)'}']);
        Assert.Contains("no valid Unicode", Assert.Throws<CorruptFileException>(() => EpisodeSources.Open(_folder.Path)).Message);
    }

    [Theory]
    [InlineData(0, 7)]
    [InlineData(2, 0)]
    [InlineData(0, 4, 4, 3)]
    public void AnArray_ThatHoldsNothing_IsRefused(params int[] shape)
    {
        using (var file = File.Create(_folder.File("steps.npz")))
            Npz.Write(file, [new("action", new MemoryArray(NdArray.Zeros(DType.Float32, 2, 7))), new("extra", new MemoryArray(NdArray.Zeros(shape.Length > 2 ? DType.UInt8 : DType.Float32, shape)))]);
        using var source = EpisodeSources.Open(_folder.Path, EpisodeFormat.Folder);
        Assert.Contains("extra", Assert.Throws<EpisodeSourceException>(() => EpisodeConverter.Convert(source, _folder.File("out"), new RldsDatasetInfo("nothing"), cancellation: TestContext.Current.CancellationToken)).Message);
    }

    [Fact]
    public void AnIndex_IsAWholeNumber()
    {
        using var table = ParquetTable.Open(Directory.EnumerateFiles(Goldens.File("foreign", "lerobot_v21_images"), "*.parquet", SearchOption.AllDirectories).First());
        Assert.NotEmpty(table.Indices("frame_index"));
        Assert.Contains("expected a whole number from 0 on", Assert.Throws<EpisodeSourceException>(() => table.Indices("timestamp")).Message);
    }

    [Fact]
    public void ANumberAlone_IsNoTable()
    {
        byte[] scalar = [0x93, .. "NUMPY"u8, 1, 0, 0x46, 0, .. Encoding.ASCII.GetBytes("{'descr': '<f4', 'fortran_order': False, 'shape': (), }".PadRight(0x45) + "\n"), 0, 0, 0, 0];
        _folder.Write("actions.npy", scalar);
        using var source = EpisodeSources.Open(_folder.Path, EpisodeFormat.Folder);
        Assert.Contains("a row a step", Assert.Throws<EpisodeSourceException>(() => source.Read(0)).Message);
    }

    private static void ReadAll(string path)
    {
        using var table = ParquetTable.Open(path);
        foreach (var column in table.Columns)
            table.Read(column);
    }

    private string Parquet(byte[] footer) => _folder.Write("a.parquet", [.. "PAR1"u8, .. footer, .. BitConverter.GetBytes(footer.Length), .. "PAR1"u8]);
}
