using System.Text.Json.Nodes;
using CrossFormer.Formats;
using CsCheck;

namespace CrossFormer.Core.Tests.Formats;

public sealed class ZarrTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private int _count;

    private static Gen<ZarrSample> Version2 { get; } =
        from dims in Gen.Select(Gen.Int[1, 6], Gen.Int[1, 6]).Array[0, 3]
        from compressor in Gen.OneOf(Gen.Const((string?)null), Gen.Const((string?)"zstd"), Gen.Const((string?)"gzip"), Gen.Const((string?)"zlib"))
        from isSlash in Gen.Bool
        from isColumnMajor in Gen.Bool
        select new ZarrSample([.. dims.Select(d => d.Item1)], [.. dims.Select(d => d.Item2)], compressor, 2, isSlash ? '/' : '.', isColumnMajor ? "F" : "C");

    private static Gen<ZarrSample> Version3 { get; } =
        from dims in Gen.Select(Gen.Int[1, 6], Gen.Int[1, 3], Gen.Int[1, 3]).Array[0, 3]
        from compressor in Gen.OneOf(Gen.Const((string?)null), Gen.Const((string?)"zstd"), Gen.Const((string?)"gzip"))
        from isSlash in Gen.Bool
        from isSharded in Gen.Bool
        from checksum in Gen.Bool
        from atStart in Gen.Bool
        select new ZarrSample(
            [.. dims.Select(d => d.Item1)], [.. dims.Select(d => d.Item2 * d.Item3)], compressor, 3, isSlash ? '/' : '.', "C",
            isSharded ? [.. dims.Select(d => d.Item2)] : null, checksum, atStart);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Open_ReadsEveryLayoutOfVersion2() => Version2.Sample(CheckRead, iter: 300, threads: 1);

    [Fact]
    public void Open_ReadsEveryLayoutOfVersion3() => Version3.Sample(CheckRead, iter: 300, threads: 1);

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void Open_FillsMissingChunks(int format)
    {
        var sample = new ZarrSample([5, 4], [2, 4], "zstd", format);
        sample.Write(_folder["a"], index => index[0] == 1);

        var values = Read("a");

        Assert.Equal(sample.Values[..8], values[..8]);
        Assert.Equal(Enumerable.Repeat(2.5f, 8), values[8..16]);
        Assert.Equal(sample.Values[16..], values[16..]);
    }

    [Theory]
    [InlineData("<f4", "null", "00000000")]
    [InlineData("<f4", "\"NaN\"", "0000c0ff")]
    [InlineData("<f8", "\"-Infinity\"", "000000000000f0ff")]
    [InlineData("<f2", "1", "003c")]
    [InlineData("bfloat16", "-1.5", "c0bf")]
    [InlineData("|b1", "true", "01")]
    [InlineData("|i1", "-1", "ff")]
    [InlineData("<u2", "258", "0201")]
    [InlineData("<i4", "-2", "feffffff")]
    [InlineData("<u8", "18446744073709551615", "ffffffffffffffff")]
    [InlineData("<i8", "-9223372036854775808", "0000000000000080")]
    [InlineData("<f4", "\"0x7fc00001\"", "0100c07f")]
    public void Open_FillsWithTheValueOfEveryType(string dtype, string fill, string hex)
    {
        Write("a", ".zarray", $$"""{"zarr_format":2,"shape":[2],"chunks":[2],"dtype":"{{dtype}}","compressor":null,"fill_value":{{fill}},"order":"C","filters":null}""");

        var bytes = Zarr.Open(new FolderStore(_folder.Path), "a").Read().Bytes;

        Assert.Equal(hex + hex, Convert.ToHexStringLower(bytes.Span));
    }

    [Theory]
    [InlineData("zarr_format", "3", "expected zarr_format 2")]
    [InlineData("dtype", "\">f4\"", "unknown element type '>f4'")]
    [InlineData("dtype", "[[\"x\",\"<f4\"]]", "another form")]
    [InlineData("shape", "[-1]", "absurd shape")]
    [InlineData("shape", "[4,4]", "expected 2 chunk dimensions")]
    [InlineData("shape", "[1e300]", "another form")]
    [InlineData("shape", "\"4\"", "another form")]
    [InlineData("chunks", "[0]", "at least 1")]
    [InlineData("chunks", "null", "'chunks'")]
    [InlineData("order", "\"A\"", "order")]
    [InlineData("dimension_separator", "\"_\"", "dimension_separator")]
    [InlineData("filters", "[{\"id\":\"delta\"}]", "filters")]
    [InlineData("compressor", "{\"id\":\"blosc\"}", "unsupported compressor 'blosc'")]
    [InlineData("compressor", "{}", "'id'")]
    [InlineData("fill_value", "\"nothing\"", "fill_value")]
    public void Open_RefusesMetadata(string name, string json, string because)
    {
        var metadata = new ZarrSample([4], [4], "zstd", 2).Metadata();
        metadata[name] = JsonNode.Parse(json);
        Write("a", ".zarray", metadata.ToJsonString());

        Assert.Contains(because, Assert.Throws<CorruptFileException>(() => Read("a")).Message);
    }

    [Theory]
    [InlineData("{", "not JSON")]
    [InlineData("[]", "expected a JSON object")]
    [InlineData("{\"zarr_format\":2,\"dtype\":\"\\ud800\"}", "another form")]
    public void Open_RefusesOtherJson(string json, string because)
    {
        Write("a", ".zarray", json);
        Assert.Contains(because, Assert.Throws<CorruptFileException>(() => Read("a")).Message);
    }

    [Theory]
    [InlineData("node_type", "\"group\"", "node_type")]
    [InlineData("data_type", "\"r16\"", "unknown element type")]
    [InlineData("chunk_grid", "{\"name\":\"other\"}", "chunk_grid")]
    [InlineData("codecs", "[]", "begin with 'bytes'")]
    [InlineData("codecs", "[{\"name\":\"bytes\",\"configuration\":{\"endian\":\"big\"}}]", "little-endian")]
    [InlineData("codecs", "[{\"name\":\"bytes\",\"configuration\":{\"endian\":\"little\"}},{\"name\":\"blosc\"}]", "unsupported codecs")]
    [InlineData("chunk_key_encoding", "{\"name\":\"other\"}", "chunk_key_encoding")]
    public void Open_RefusesMetadataOfVersion3(string name, string json, string because)
    {
        var metadata = new ZarrSample([4], [4], "zstd", 3).Metadata();
        metadata[name] = JsonNode.Parse(json);
        Write("a", "zarr.json", metadata.ToJsonString());

        Assert.Contains(because, Assert.Throws<CorruptFileException>(() => Read("a")).Message);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("zstd")]
    [InlineData("gzip")]
    [InlineData("zlib")]
    public void Read_RefusesAChunkOfAnotherLength(string? compressor)
    {
        new ZarrSample([8], [4], compressor, 2).Write(_folder["a"]);
        foreach (var other in new[] { 3, 5 })
        {
            new ZarrSample([other], [other], compressor, 2).Write(_folder["b"]);
            File.Copy(_folder["b", "0"], _folder["a", "1"], overwrite: true);
            Assert.Throws<CorruptFileException>(() => Read("a"));
        }
    }

    [Theory]
    [InlineData("zstd", 2)]
    [InlineData(null, 2)]
    [InlineData("zstd", 3)]
    public void Read_RefusesATruncatedChunk(string? compressor, int format)
    {
        var sample = new ZarrSample([6, 5], [6, 5], compressor, format);
        sample.Write(_folder["a"]);
        var path = _folder["a", format == 2 ? "0.0" : "c.0.0"];
        Damage.Truncate(File.ReadAllBytes(path), bytes => ReadChanged(path, bytes));
    }

    [Fact]
    public void Read_SurvivesEveryFlippedBitOfAShard()
    {
        new ZarrSample([4, 4], [4, 4], "zstd", 3, Inner: [2, 2], Checksum: true).Write(_folder["a"]);
        var path = _folder["a", "c.0.0"];
        var bytes = File.ReadAllBytes(path);

        // Chunks and index carry checksums: nothing goes unnoticed.
        Assert.Equal(bytes.Length * 8, Damage.Flip(bytes, damaged => ReadChanged(path, damaged)));
    }

    [Fact]
    public void Read_SurvivesEveryFlippedBitOfMetadata()
    {
        new ZarrSample([4, 4], [4, 4], "zstd", 3, Inner: [2, 2]).Write(_folder["a"]);
        var path = _folder["a", "zarr.json"];
        var bytes = File.ReadAllBytes(path);
        Assert.InRange(Damage.Flip(bytes, damaged => ReadChanged(path, damaged)), bytes.Length, bytes.Length * 8);
    }

    [Theory]
    [InlineData("[1000000000]", "[1000000000]")]
    [InlineData("[100000,100000]", "[1,1]")]
    public void Open_RefusesSizesThatItsChunksCannotHold(string shape, string chunks)
    {
        new ZarrSample([4], [4], "zstd", 2).Write(_folder["a"]);
        var metadata = new ZarrSample([4], [4], "zstd", 2).Metadata();
        (metadata["shape"], metadata["chunks"]) = (JsonNode.Parse(shape), JsonNode.Parse(chunks));
        var bytes = System.Text.Encoding.UTF8.GetBytes(metadata.ToJsonString());

        Assert.True(Damage.IsRefused(bytes, damaged => ReadChanged(_folder["a", ".zarray"], damaged)));
    }

    [Fact]
    public void Read_RefusesAHugeChunkOfASmallArray()
    {
        new ZarrSample([4], [4], "zstd", 2).Write(_folder["a"]);
        var metadata = new ZarrSample([4], [2_000_000_000], "zstd", 2).Metadata();
        Assert.True(Damage.IsRefused(System.Text.Encoding.UTF8.GetBytes(metadata.ToJsonString()), damaged => ReadChanged(_folder["a", ".zarray"], damaged)));
    }

    [Theory]
    [InlineData("../outside")]
    [InlineData("/etc")]
    [InlineData("")]
    [InlineData("a/../../outside")]
    [InlineData("a\0b")]
    public void Open_StaysInsideItsFolder(string name)
    {
        new ZarrSample([4], [4], "zstd", 2).Write(_folder["outside"]);
        Directory.CreateDirectory(_folder["store"]);

        Assert.Contains("inside", Assert.Throws<CorruptFileException>(() => Zarr.Open(new FolderStore(_folder["store"]), name)).Message);
    }

    [Theory]
    [InlineData("a")]
    [InlineData("a/.zarray")]
    [InlineData("a/0")]
    public void Open_FollowsNoLinkOutOfItsFolder(string link)
    {
        new ZarrSample([4], [4], "zstd", 2).Write(_folder["outside", "a"]);
        new ZarrSample([4], [4], "zstd", 2).Write(_folder["store", "a"]);
        var path = Path.Combine(_folder["store"], link);
        if (Directory.Exists(path))
            Directory.Delete(path, recursive: true);
        else
            File.Delete(path);
        File.CreateSymbolicLink(path, Path.Combine(_folder["outside"], link));

        Assert.Contains("leaves", Assert.Throws<CorruptFileException>(() => Zarr.Open(new FolderStore(_folder["store"]), "a").Read()).Message);
    }

    [Fact]
    public void Open_FollowsTheLinksOfTheHubsCache()
    {
        var (snapshot, blobs) = (_folder["snapshots", "0123abcd", "7"], _folder["blobs"]);
        var sample = new ZarrSample([4], [4], "zstd", 2);
        sample.Write(Path.Combine(snapshot, "a"));
        Directory.CreateDirectory(blobs);
        foreach (var name in new[] { ".zarray", "0" })
        {
            File.Move(Path.Combine(snapshot, "a", name), Path.Combine(blobs, "blob" + name));
            File.CreateSymbolicLink(Path.Combine(snapshot, "a", name), $"../../../../blobs/blob{name}");
        }

        Assert.Equal(sample.Values, Zarr.Open(new FolderStore(snapshot), "a").Read().AsSpan<float>().ToArray());
    }

    private void CheckRead(ZarrSample sample)
    {
        var name = $"a{_count++}";
        sample.Write(_folder[name]);
        var array = Zarr.Open(new FolderStore(_folder.Path), name);
        Assert.Equal(sample.Shape, array.Shape);
        Assert.Equal(sample.Values, array.Read().AsSpan<float>().ToArray());
    }

    private float[] Read(string name) => Zarr.Open(new FolderStore(_folder.Path), name).Read().ToSingles();

    private void ReadChanged(string path, byte[] bytes)
    {
        File.WriteAllBytes(path, bytes);
        Read("a");
    }

    private void Write(string name, string file, string content)
    {
        Directory.CreateDirectory(_folder[name]);
        File.WriteAllText(_folder[name, file], content);
    }
}
