using CrossFormer.Formats;

namespace CrossFormer.Core.Tests.Formats;

public sealed class AtomicWriteTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void File_IsOldOrNew_WhereverTheWriteIsCutOff()
    {
        byte[] old = [1, 2, 3, 4, 5], replacement = [9, 8, 7, 6, 5, 4, 3, 2, 1];
        var path = _folder["file"];
        var outcomes = new List<bool>();
        for (var failAt = 0; outcomes.Count == 0 || outcomes.Count == failAt; failAt++)
        {
            File.WriteAllBytes(path, old);
            var storage = new FailingStorage(failAt);
            try
            {
                AtomicFile.Write(path, stream => stream.Write(replacement), storage);
                break;
            }
            catch (IOException)
            {
                var content = File.ReadAllBytes(path);
                outcomes.Add(content.SequenceEqual(replacement));
                Assert.True(outcomes[^1] || content.SequenceEqual(old), $"neither old nor new after {failAt} steps");
            }
        }

        // Creating, nine bytes, the rename: old until then. Flushing the folder: new.
        Assert.Equal([.. Enumerable.Repeat(false, 11), true], outcomes);
        Assert.Equal(replacement, File.ReadAllBytes(path));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Folder_IsOldOrNew_WhereverTheWriteIsCutOff(bool exists)
    {
        var path = _folder["step"];
        var steps = 0;
        for (var failAt = 0; ; failAt++, steps++)
        {
            if (Directory.Exists(path))
                Directory.Delete(path, recursive: true);
            if (exists)
            {
                Directory.CreateDirectory(path);
                File.WriteAllText(Path.Combine(path, "old"), "old");
            }

            var storage = new FailingStorage(failAt);
            try
            {
                AtomicFolder.Write(path, folder =>
                {
                    folder.Add("default/checkpoint", "new"u8.ToArray());
                    folder.Add("other", "too"u8.ToArray());
                }, storage);
                break;
            }
            catch (IOException)
            {
                Assert.Contains(Content(path), exists ? ["old:old", "default/checkpoint:new other:too"] : new[] { "absent", "default/checkpoint:new other:too" });
            }
        }

        // Two folders, two files of three bytes, two flushes, the rename, one flush.
        Assert.Equal(2 + (2 * 4) + 2 + 1 + 1, steps);
        Assert.Equal("default/checkpoint:new other:too", Content(path));
    }

    [Fact]
    public void Write_LeavesNothingElseBehind()
    {
        for (var i = 0; i < 2; i++)
        {
            AtomicFile.Write(_folder["file"], new byte[] { 1 });
            AtomicFolder.Write(_folder["folder"], folder => folder.Add("a/b", new byte[] { 1 }));
        }

        Assert.Equal(["file", "folder"], Directory.EnumerateFileSystemEntries(_folder.Path).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void Write_ThatItsCallerBreaksOff_LeavesOldContentAndNothingElse()
    {
        AtomicFile.Write(_folder["file"], new byte[] { 1 });
        AtomicFolder.Write(_folder["folder"], folder => folder.Add("a", new byte[] { 1 }));

        Assert.Throws<InvalidOperationException>(() => AtomicFile.Write(_folder["file"], stream =>
        {
            stream.WriteByte(2);
            throw new InvalidOperationException();
        }));
        Assert.Throws<InvalidOperationException>(() => AtomicFolder.Write(_folder["folder"], folder =>
        {
            folder.Add("a", new byte[] { 2 });
            throw new InvalidOperationException();
        }));

        Assert.Equal([1], File.ReadAllBytes(_folder["file"]));
        Assert.Equal([1], File.ReadAllBytes(_folder["folder", "a"]));
        Assert.Equal(2, Directory.GetFileSystemEntries(_folder.Path).Length);
    }

    [Theory]
    [InlineData("../outside")]
    [InlineData("/outside")]
    [InlineData("")]
    public void Add_StaysInsideTheFolder(string path) =>
        Assert.Throws<ArgumentException>(() => AtomicFolder.Write(_folder["folder"], folder => folder.Add(path, new byte[] { 1 })));

    private static string Content(string path) => !Directory.Exists(path)
        ? "absent"
        : string.Join(' ', Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).Select(f => $"{Path.GetRelativePath(path, f)}:{File.ReadAllText(f)}").Order());
}
