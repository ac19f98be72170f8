using System.IO.Compression;
using CrossFormer.Data.Conversion;
using CrossFormer.Data.Conversion.Hdf5;
using CrossFormer.Testing;
using PureHDF;
using PureHDF.Filters;

namespace CrossFormer.Data.Tests.Conversion;

/// <summary>HDF5 files that reach for other files, and damaged ones.</summary>
public sealed class HostileHdf5Tests
{
    [Theory]
    [InlineData("linked.hdf5", "action: it is a link into another file")]
    [InlineData("linked_group.hdf5", "observations: it is a link into another file")]
    [InlineData("external.hdf5", "action: its values lie in other files")]
    [InlineData("virtual.hdf5", "action: its values lie in other files")]
    [InlineData("dangling.hdf5", "action: it is a link into another file, or one that leads nowhere")]
    public void WhatLiesInOtherFiles_IsRefused(string name, string problem)
    {
        using var source = EpisodeSources.Open(Fixture(name), EpisodeFormat.Aloha);
        Assert.Contains(problem, Assert.Throws<EpisodeSourceException>(() => source.Read(0)).Message);
    }

    [Fact]
    public void ASoundFile_IsReadBesideThem()
    {
        using var source = EpisodeSources.Open(Fixture("target.hdf5"));
        Assert.Equal([2, 7], source.Read(0).Numbers["action"].Shape);
    }

    [Fact]
    public void ATruncatedFile_IsOneErrorThatNamesIt()
    {
        using var folder = new TemporaryFolder();
        var whole = File.ReadAllBytes(Goldens.File("foreign", "robomimic.hdf5"));
        for (var length = 0; length < whole.Length; length += whole.Length / 23)
        {
            var path = folder.Write("robomimic.hdf5", whole.AsSpan(0, length));
            Assert.Contains("robomimic.hdf5", Assert.Throws<EpisodeSourceException>(() => ReadAll(path)).Message);
        }
    }

    [Fact]
    public void DamagedBytes_AreAnErrorOrOtherValues()
    {
        using var folder = new TemporaryFolder();
        var whole = File.ReadAllBytes(Fixture("target.hdf5"));
        for (var i = 0; i < whole.Length; i += 3)
        {
            var damaged = whole.ToArray();
            damaged[i] ^= 0xFF;
            var path = folder.Write($"{i}.hdf5", damaged);
            if (Record.Exception(() => ReadAll(path, EpisodeFormat.Aloha)) is { } e)
                Assert.IsType<EpisodeSourceException>(e);
        }
    }

    [Fact]
    public void AName_OfMoreBytesThanThereAre_IsRefusedBeforeItIsAllocated()
    {
        using var folder = new TemporaryFolder();
        var bytes = File.ReadAllBytes(Fixture("target.hdf5"));
        // The flags before the name's length say how wide that is: with 3 the name itself becomes the length.
        bytes[bytes.AsSpan().IndexOf((byte[])[6, .. "action"u8]) - 1] |= 3;
        Assert.Contains("more than there are", Assert.Throws<EpisodeSourceException>(() => ReadAll(folder.Write("a.hdf5", bytes), EpisodeFormat.Aloha)).Message);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void AnObject_ThatContinuesInItself_IsAnError(byte version)
    {
        using var folder = new TemporaryFolder();
        // Superblock of version 2, then the root's header: a message (16) that it goes on where it stands.
        byte[] message = [.. (byte[])(version == 1 ? [16, 0, 16, 0, 0, 0, 0, 0] : [16, 16, 0, 0]), .. BitConverter.GetBytes(version == 1 ? 64L : 48 + 7 - 4), .. BitConverter.GetBytes(version == 1 ? 24L : 28)];
        byte[] header = version == 1 ? [1, 0, 1, 0, 1, 0, 0, 0, 24, 0, 0, 0, 0, 0, 0, 0, .. message] : [.. "OHDR"u8, 2, 0, 20, .. message];
        byte[] file = [0x89, .. "HDF\r\n"u8, 0x1A, (byte)'\n', 2, 8, 8, 0, .. new byte[8], .. Enumerable.Repeat((byte)255, 8), .. BitConverter.GetBytes(300L), .. BitConverter.GetBytes(48L), .. new byte[4], .. header, .. new byte[200]];
        Assert.Contains("in circles", Assert.Throws<EpisodeSourceException>(() => ReadAll(folder.Write("a.hdf5", file), EpisodeFormat.Aloha)).Message);
    }

    [Fact]
    public void ADataset_ThatClaimsMoreThanTheFileHolds_IsRefused()
    {
        using var folder = new TemporaryFolder();
        var bytes = File.ReadAllBytes(Fixture("target.hdf5"));
        byte[] dimensions = [.. BitConverter.GetBytes(2L), .. BitConverter.GetBytes(7L)];
        for (var at = bytes.AsSpan().IndexOf(dimensions); at >= 0; at = bytes.AsSpan().IndexOf(dimensions))
            BitConverter.TryWriteBytes(bytes.AsSpan(at), 1L << 24);
        Assert.Contains("it claims", Assert.Throws<EpisodeSourceException>(() => ReadAll(folder.Write("a.hdf5", bytes), EpisodeFormat.Aloha)).Message);
    }

    [Fact]
    public void AnIndex_OfMoreChunksThanBytes_IsRefused()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("a.hdf5");
        new H5File { ["action"] = new H5Dataset(new float[4, 7], chunks: [2, 7], datasetCreation: new(Filters: [DeflateFilter.Id])), ["observations"] = new H5Group { ["qpos"] = new float[4, 7] } }.Write(path);
        ReadAll(path);
        var bytes = File.ReadAllBytes(path);
        BitConverter.TryWriteBytes(bytes.AsSpan(bytes.AsSpan().IndexOf("FAHD"u8) + 8), 1L << 40);
        Assert.Contains("an index of chunks", Assert.Throws<EpisodeSourceException>(() => ReadAll(folder.Write("a.hdf5", bytes))).Message);
    }

    [Fact]
    public void ATextThatIsNotThere_IsEmpty()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("a.hdf5");
        new H5File { ["texts"] = new[] { null!, "push" } }.Write(path);
        using var file = Hdf5File.Open(path);
        Assert.Equal(["", "push"], file.Texts("texts"));
    }

    [Fact]
    public void AChunk_ThatInflatesBeyondItself_IsRefused()
    {
        var zeros = new byte[1 << 16];
        using var deflated = new MemoryStream();
        using (var zlib = new ZLibStream(deflated, CompressionLevel.Optimal, leaveOpen: true))
            zlib.Write(zeros);
        var filter = new BoundedInflate();
        Assert.Equal(zeros.Length, filter.Filter(new FilterInfo(H5FilterFlags.Decompress, [], zeros.Length, deflated.ToArray())).Length);
        Assert.Throws<InvalidDataException>(() => filter.Filter(new FilterInfo(H5FilterFlags.Decompress, [], zeros.Length - 8, deflated.ToArray())));
    }

    private static void ReadAll(string path, EpisodeFormat? format = null)
    {
        using var source = EpisodeSources.Open(path, format);
        for (var i = 0; i < source.Episodes.Count; i++)
        {
            foreach (var (_, frames) in source.Read(i).Cameras)
                Assert.NotEmpty(frames);
        }
    }

    private static string Fixture(string name) => Path.Combine(Goldens.Repository, "tests", "CrossFormer.Data.Tests", "Conversion", "Hdf5", name);
}
