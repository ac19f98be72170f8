using System.Text;
using CrossFormer.Formats;
using CrossFormer.Testing;
using static CrossFormer.Core.Tests.Formats.OcdbtSample;

namespace CrossFormer.Core.Tests.Formats;

public sealed class OcdbtTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly OcdbtSample _sample;

    public OcdbtTests() => _sample = new OcdbtSample(_folder.Path);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Keys_ComeFromEveryLevelAndFolder()
    {
        WriteTwoLevels();

        var store = new OcdbtStore(_folder.Path);

        Assert.Equal(["a/.zarray", "a/0", "b/.zarray", "bc/0"], store.Keys);
        Assert.Equal(["inline", "hello", "there", ""], store.Keys.Select(k => Value(store, k)));
        Assert.Equal([".zarray", "0"], store.KeysBelow("a"));
        Assert.Equal(["0"], store.KeysBelow("bc"));
        Assert.Empty(store.KeysBelow("c"));
        Assert.False(store.TryGet("a", out _));
    }

    [Fact]
    public void Keys_OfAnEmptyVersionAreNone()
    {
        _sample.Write("manifest.ocdbt", Envelope(Manifest, ManifestBody(Files(("", 0)), 0, 0, 0, isEmpty: true)));
        Assert.Empty(new OcdbtStore(_folder.Path).Keys);
    }

    [Fact]
    public void Keys_ComeFromTheHighestNumberedManifest()
    {
        WriteTwoLevels();
        File.Move(_folder["manifest.ocdbt"], _folder["manifest.000000000000000a"]);
        _sample.Write("manifest.0000000000000009", Envelope(Manifest, ManifestBody(Files(("", 0)), 0, 0, 0, isEmpty: true)));
        _sample.Write("manifest.ocdbt", Envelope(Manifest, ManifestHead(kind: 1)));

        Assert.Equal(4, new OcdbtStore(_folder.Path).Keys.Count);

        File.Delete(_folder["manifest.0000000000000009"]);
        File.Delete(_folder["manifest.000000000000000a"]);
        Assert.Contains("numbered manifests", Refused());
    }

    [Theory]
    [InlineData("../d/leaf")]
    [InlineData("/etc/passwd")]
    [InlineData("d//leaf")]
    [InlineData("./d/leaf")]
    [InlineData("d/..")]
    [InlineData("d/leaf\0")]
    [InlineData("")]
    public void Open_StaysInsideItsFolder(string path)
    {
        var leaf = Envelope(TreeNode, Leaf(Files(), ("k", [1], default)));
        _sample.Write("d/leaf", leaf);
        _sample.Write("manifest.ocdbt", Envelope(Manifest, ManifestBody(Files((path, 0)), 0, 0, leaf.Length)));
        Assert.Contains("expected the name of a file inside", Refused());
    }

    [Fact]
    public void Open_FollowsNoLinkOutOfItsFolder()
    {
        using var outside = new TemporaryFolder();
        var leaf = Envelope(TreeNode, Leaf(Files(), ("k", [1], default)));
        File.WriteAllBytes(outside["leaf"], leaf);
        Directory.CreateSymbolicLink(_folder["d"], outside.Path);
        _sample.Write("manifest.ocdbt", Envelope(Manifest, ManifestBody(Files(("d/leaf", 0)), 0, 0, leaf.Length)));
        Assert.Contains("leaves", Refused());
    }

    [Fact]
    public void Open_FollowsLinksInsideItsFolder()
    {
        WriteTwoLevels();
        Directory.Move(_folder["d"], _folder["elsewhere"]);
        Directory.CreateSymbolicLink(_folder["d"], "elsewhere");
        Assert.Equal(4, new OcdbtStore(_folder.Path).Keys.Count);
    }

    [Fact]
    public void Open_RefusesANodeThatIsItsOwnChild()
    {
        // The length depends on nothing that follows from it: try until it fits.
        byte[] node = [];
        for (var length = 1; node.Length != length; length++)
            node = Envelope(TreeNode, Interior(3, Files(("d/loop", 0)), ("a", 1, 0, 0, length)));
        _sample.Write("d/loop", node);
        _sample.Write("manifest.ocdbt", Envelope(Manifest, ManifestBody(Files(("d/loop", 0)), 3, 0, node.Length)));
        Assert.Contains("two parents", Refused());
    }

    [Fact]
    public void Open_RefusesANodeWithTwoParents()
    {
        // 2^20 keys from a few hundred bytes, were it allowed.
        var node = Envelope(TreeNode, Leaf(Files(), ("k", [1], default)));
        var (file, offset) = (new List<byte>(node), 0);
        for (var height = 1; height <= 20; height++)
        {
            node = Envelope(TreeNode, Interior(height, Files(("d/all", 0)), ("a", 1, 0, offset, node.Length), ("b", 1, 0, offset, node.Length)));
            offset = file.Count;
            file.AddRange(node);
        }

        _sample.Write("d/all", [.. file]);
        _sample.Write("manifest.ocdbt", Envelope(Manifest, ManifestBody(Files(("d/all", 0)), 20, offset, node.Length)));
        Assert.Contains("two parents", Refused());
    }

    [Fact]
    public void Open_RefusesKeysThatUnfoldAbsurdly()
    {
        // Each key repeats the one before and adds a byte: n bytes in the file become n²/2.
        const int N = 4000;
        byte[] body = [0, .. Files(), .. Varint(N), .. Enumerable.Range(1, N - 1).SelectMany(i => Varint(i)), .. Enumerable.Repeat((byte)1, N), .. Enumerable.Repeat((byte)'a', N),
            .. new byte[N], .. new byte[N]];
        _sample.WriteLeaf(body);
        Assert.Contains("grow absurdly", Refused());
    }

    [Fact]
    public void Open_RefusesWhatDecodesToGigabytes()
    {
        _sample.Write("manifest.ocdbt", Envelope(Manifest, new byte[200 << 20], compress: true));
        Assert.Contains("decodes to more than", Refused());
    }

    [Theory]
    [InlineData("keys that do not ascend")]
    [InlineData("expected one of 0 data files")]
    [InlineData("expected a node of height 0, found 1")]
    [InlineData("value kind")]
    [InlineData("expected the end of the node")]
    [InlineData("expected 4611686018427387904 entries")]
    [InlineData("more than 64 bits")]
    [InlineData("UTF-8")]
    [InlineData("expected 255 more bytes")]
    [InlineData("repeats 9 bytes of a name of 1")]
    public void Open_RefusesNodes(string because)
    {
        var files = Files();
        _sample.WriteLeaf(because switch
        {
            "keys that do not ascend" => Leaf(files, ("b", [], default), ("a", [], default)),
            "expected one of 0 data files" => Leaf(files, ("a", null, (0, 0, 1))),
            "expected a node of height 0, found 1" => Interior(1, Files(("d/leaf", 0)), ("a", 1, 0, 0, 1)),
            "value kind" => [0, .. files, 1, 1, (byte)'a', 0, 2],
            "expected the end of the node" => [.. Leaf(files, ("a", [], default)), 0],
            "expected 4611686018427387904 entries" => [0, .. files, .. Varint(1L << 62)],
            "more than 64 bits" => [0, .. files, .. Enumerable.Repeat((byte)0xff, 10)],
            "UTF-8" => [0, .. files, 1, 1, 0xff, 0, 0],
            "expected 255 more bytes" => [0, .. files, 1, 1, (byte)'a', .. Varint(255), 0],
            _ => [0, .. files, 2, 9, 1, 1, (byte)'a', (byte)'b', 0, 0, 0, 0],
        });
        Assert.Contains(because, Refused());
    }

    [Fact]
    public void TryGet_RefusesAValueBeyondItsFile()
    {
        _sample.Write("d/values", [1, 2, 3]);
        _sample.WriteLeaf(Leaf(Files(("d/values", 0)), ("a", null, (0, 2, 2))));
        Assert.Throws<CorruptFileException>(() => new OcdbtStore(_folder.Path).TryGet("a", out _));
    }

    [Fact]
    public void Open_RefusesAMissingDataFile()
    {
        WriteTwoLevels();
        File.Delete(_folder["p", "d", "second"]);
        Assert.Contains("expected the data file 'p/d/second'", Refused());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Open_NoticesEveryTruncationAndEveryFlippedBit(bool compress)
    {
        WriteTwoLevels(compress);
        foreach (var path in new[] { "manifest.ocdbt", "d/root", "p/d/second" })
        {
            var full = _folder[path];
            var bytes = File.ReadAllBytes(full);
            // Even a flipped bit that decodes as something else is caught by the checksum.
            Assert.Equal(8 * bytes.Length, Damage.Flip(bytes, damaged => OpenChanged(full, damaged)));
            Damage.Truncate(bytes, damaged => OpenChanged(full, damaged));
            File.WriteAllBytes(full, bytes);
        }
    }

    [Fact]
    [Trait(Goldens.Category, Goldens.Reference)]
    public void Open_NoticesDamageToTheReferencesNodes()
    {
        var source = Goldens.File("checkpoints", "ocdbt", "7", "default");
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
            _sample.Write(Path.GetRelativePath(source, file), File.ReadAllBytes(file));
        var (manifest, root) = (_folder["manifest.ocdbt"], Directory.GetFiles(_folder["d"]).Single());
        Assert.Equal(136, new OcdbtStore(_folder.Path).Keys.Count);
        var (manifestBytes, rootBytes) = (File.ReadAllBytes(manifest), File.ReadAllBytes(root));

        Assert.Equal(8 * manifestBytes.Length, Damage.Flip(manifestBytes, damaged => OpenChanged(manifest, damaged)));
        Damage.Truncate(manifestBytes, damaged => OpenChanged(manifest, damaged));
        File.WriteAllBytes(manifest, manifestBytes);
        // The file also holds nodes of older versions, which nobody reads: damage there may go unnoticed.
        Assert.InRange(Damage.Flip(rootBytes, damaged => OpenChanged(root, damaged), stride: 509), 1, 8 * (rootBytes.Length / 509 + 1));
    }

    private static string Value(OcdbtStore store, string key) => store.TryGet(key, out var value) ? Encoding.UTF8.GetString(value.ReadAll()) : "absent";

    private void OpenChanged(string path, byte[] bytes)
    {
        File.WriteAllBytes(path, bytes);
        _ = new OcdbtStore(_folder.Path);
    }

    private string Refused() => Assert.Throws<CorruptFileException>(() => new OcdbtStore(_folder.Path)).Message;

    // As orbax writes: values and lower nodes in a process's own folder, whose paths are relative to that folder.
    private void WriteTwoLevels(bool compress = false)
    {
        var first = Envelope(TreeNode, Leaf(Files(("d/values", 0)), (".zarray", "inline"u8.ToArray(), default), ("0", null, (0, 1, 5))), compress);
        var second = Envelope(TreeNode, Leaf(Files(("d/values", 0)), ("/.zarray", null, (0, 6, 5)), ("c/0", [], default)), compress);
        _sample.Write("p/d/values", "xhellothere"u8.ToArray());
        _sample.Write("p/d/second", [.. first, .. second]);
        var root = Envelope(TreeNode, Interior(
            1, Files(("p/d/second", 2)), ("a/.zarray", 2, 0, 0, first.Length), ("b/.zarray", 1, 0, first.Length, second.Length)), compress);
        _sample.Write("d/root", root);
        _sample.Write("manifest.ocdbt", Envelope(Manifest, ManifestBody(Files(("d/root", 0)), 1, 0, root.Length), compress));
    }
}
