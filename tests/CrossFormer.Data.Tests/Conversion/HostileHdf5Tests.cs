using CrossFormer.Data.Conversion;
using CrossFormer.Testing;

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
