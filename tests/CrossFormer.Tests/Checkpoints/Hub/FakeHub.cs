using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using CrossFormer.Testing;
using Answer = CrossFormer.Tests.Checkpoints.Hub.LoopbackServer.Answer;
using Request = CrossFormer.Tests.Checkpoints.Hub.LoopbackServer.Request;

namespace CrossFormer.Tests.Checkpoints.Hub;

/// <summary>
/// The Hub, as far as downloading asks of it: revisions, paged lists of files, small files from git, large ones by a redirect
/// to another host. One repository, <c>robots/tiny</c>, whose commits the test makes.
/// </summary>
internal sealed class FakeHub : IDisposable
{
    public const string Tree = "7/default/checkpoint";

    private const int LargeBytes = 100_000;
    private readonly Dictionary<string, Dictionary<string, byte[]>> _commits = [];
    private readonly LoopbackServer _hub;
    private readonly LoopbackServer _content;

    /// <param name="form">Which of the golden checkpoints <c>main</c> holds, beside files that no one needs.</param>
    public FakeHub(string form = "msgpack")
    {
        _hub = new LoopbackServer(request => Intercept(request) ?? AnswerHub(request));
        _content = new LoopbackServer(request => InterceptContent(request) ?? AnswerContent(request));
        var root = Goldens.File("checkpoints", form);
        var files = Directory.GetFiles(root, "*", SearchOption.AllDirectories).ToDictionary(f => Path.GetRelativePath(root, f).Replace('\\', '/'), File.ReadAllBytes);
        files["README.md"] = "A robot."u8.ToArray();
        files["pictures/arm.png"] = new byte[200_000];
        files["3/default/checkpoint"] = [0xc0];
        Commit("main", files);
    }

    /// <summary>Hash of what <c>main</c> is.</summary>
    public string Head => Revisions["main"];

    public Dictionary<string, string> Revisions { get; } = [];

    /// <summary>Files of <c>main</c>.</summary>
    public Dictionary<string, byte[]> Files => _commits[Head];

    /// <summary>Entries on a page of the list of files.</summary>
    public int PageSize { get; init; } = 1000;

    /// <summary>Answers in the Hub's place; null: the Hub answers.</summary>
    public Func<Request, Answer?> Intercept { get; set; } = _ => null;

    /// <summary>Answers in the place of the host of large files.</summary>
    public Func<Request, Answer?> InterceptContent { get; set; } = _ => null;

    public Uri Url => _hub.Url;

    public IReadOnlyCollection<Request> HubRequests => _hub.Requests;

    public IReadOnlyCollection<Request> ContentRequests => _content.Requests;

    /// <summary>Requests for files, as the names of the files.</summary>
    public IEnumerable<string> FilesAsked => HubRequests.Where(r => r.Path.Contains("/resolve/")).Select(r => string.Join('/', r.Path.Split('/')[5..]));

    public static string Sha256(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));

    /// <summary>What git names the content.</summary>
    public static string GitHash(byte[] content) =>
        Convert.ToHexStringLower(CryptographicOperations.HashData(HashAlgorithmName.SHA1, [.. Encoding.ASCII.GetBytes($"blob {content.Length}\0"), .. content]));

    public static string ETag(byte[] content) => IsLarge(content) ? Sha256(content) : GitHash(content);

    public string Commit(string revision, Dictionary<string, byte[]> files)
    {
        var commit = GitHash(Encoding.UTF8.GetBytes(string.Join('\n', files.Select(f => f.Key + Sha256(f.Value)))));
        (_commits[commit], Revisions[revision]) = (files, commit);
        return commit;
    }

    public void Dispose()
    {
        _hub.Dispose();
        _content.Dispose();
    }

    private static bool IsLarge(byte[] content) => content.Length >= LargeBytes;

    private Answer AnswerHub(Request request)
    {
        if (request.Path.Split('/') is ["", "api", "models", "robots", "tiny", var what, var name])
        {
            name = Uri.UnescapeDataString(name);
            if (what == "revision" && (Revisions.GetValueOrDefault(name) ?? (_commits.ContainsKey(name) ? name : null)) is { } commit)
                return Answer.Json(new JsonObject { ["sha"] = commit, ["siblings"] = new JsonArray([.. _commits[commit].Keys.Select(k => new JsonObject { ["rfilename"] = k })]) }.ToJsonString());
            if (what == "tree" && _commits.TryGetValue(name, out var files))
                return Page(request, files);
        }

        if (request.Path.Split('/') is ["", "robots", "tiny", "resolve", var at, .. var path] && _commits.TryGetValue(at, out var content)
            && content.TryGetValue(Uri.UnescapeDataString(string.Join('/', path)), out var file))
        {
            return IsLarge(file)
                ? Answer.OfStatus(302).With("Location", new Uri(_content.Url, Sha256(file)).ToString()).With("X-Repo-Commit", at)
                    .With("ETag", "\"0123456789abcdef0123456789abcdef01234567\"").With("X-Linked-Etag", $"\"{Sha256(file)}\"").With("X-Linked-Size", $"{file.Length}")
                : new Answer(200, file).With("ETag", $"W/\"{GitHash(file)}\"").With("X-Repo-Commit", at);
        }

        return Answer.OfStatus(404).With("X-Error-Code", "EntryNotFound");
    }

    private Answer Page(Request request, Dictionary<string, byte[]> files)
    {
        var from = request.Target.Split("cursor=") is [_, var cursor] ? int.Parse(cursor) : 0;
        var entries = files.Skip(from).Take(PageSize).Select(f => Entry(f.Key, f.Value));
        var answer = Answer.Json(new JsonArray([.. entries, new JsonObject { ["type"] = "directory", ["oid"] = new string('0', 40), ["size"] = 0, ["path"] = "7" }]).ToJsonString());
        return from + PageSize >= files.Count ? answer : answer.With("Link", $"<{Url}{request.Path[1..]}?recursive=true&cursor={from + PageSize}>; rel=\"next\"");
    }

    // A large file's own oid is that of the pointer that git holds.
    private static JsonObject Entry(string path, byte[] content)
    {
        var entry = new JsonObject { ["type"] = "file", ["oid"] = IsLarge(content) ? new string('0', 40) : GitHash(content), ["size"] = content.Length, ["path"] = path };
        if (IsLarge(content))
            entry["lfs"] = new JsonObject { ["oid"] = Sha256(content), ["size"] = content.Length, ["pointerSize"] = 135 };
        return entry;
    }

    private Answer AnswerContent(Request request) =>
        _commits.Values.SelectMany(c => c.Values).FirstOrDefault(f => request.Path == "/" + Sha256(f)) is { } file
            ? new Answer(200, file).With("ETag", "\"of the content's host\"")
            : Answer.OfStatus(404);
}
