using CrossFormer.Checkpoints.Hub;

namespace CrossFormer.Tests.Checkpoints.Hub;

public sealed class HubChecksumTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // From `git hash-object` and `sha256sum`.
    [Theory]
    [InlineData("", "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [InlineData("hello\n", "ce013625030ba8dba906f756967f9e9ca394464a", "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03")]
    public async Task OfFile_IsWhatGitAndLfsSay(string content, string git, string lfs)
    {
        File.WriteAllText(_folder["file"], content);

        Assert.Equal(git, await HubChecksum.OfFileAsync(_folder["file"], isLarge: false, TestContext.Current.CancellationToken));
        Assert.Equal(lfs, await HubChecksum.OfFileAsync(_folder["file"], isLarge: true, TestContext.Current.CancellationToken));
    }
}
