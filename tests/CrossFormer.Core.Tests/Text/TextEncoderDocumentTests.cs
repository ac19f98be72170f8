using System.Diagnostics;
using System.Text.RegularExpressions;
using CrossFormer.Testing;
using CrossFormer.Text;

namespace CrossFormer.Core.Tests.Text;

/// <summary>What <c>docs/text-encoders.md</c> prints works; <c>tensorflow_hub</c> is a stand-in that counts letters.</summary>
public sealed partial class TextEncoderDocumentTests : IDisposable
{
    private const string Serve = "HTTPServer((\"127.0.0.1\", 8700), Handler).serve_forever()";

    private const string StandIn = """
        class Tensor(list):
            def numpy(self):
                import array
                return [array.array("f", row) for row in self]

        def load(url):
            assert url.endswith("universal-sentence-encoder-large/5")
            return lambda texts: Tensor([float(len(t)), 0.5] for t in texts)
        """;

    private static readonly string Document = File.ReadAllText(Path.Combine(Goldens.Repository, "docs", "text-encoders.md"));

    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    public TextEncoderDocumentTests() => File.WriteAllText(Path.Combine(_folder, "tensorflow_hub.py"), StandIn);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Configurations_AreAccepted()
    {
        var kinds = Blocks("json").Select(json => TextEncoderConfiguration.Parse(json).Kind);
        Assert.Equal([TextEncoderKind.Table, TextEncoderKind.Onnx, TextEncoderKind.Command, TextEncoderKind.Http], kinds);
    }

    [Fact]
    public void Command_SpeaksTheProtocol()
    {
        SkipWithoutPython();
        var program = Write("use_command.py", Blocks("python").Single(p => p.Contains("sys.stdin")));
        using var encoder = new CommandTextEncoder(["python3", program], 2, TimeSpan.FromSeconds(60));
        Assert.Equal([4f, 0.5f], encoder.Encode("open"));
        Assert.Equal([6f, 0.5f], encoder.Encode("fermé\n"));
    }

    [Fact]
    public void Http_SpeaksTheProtocol()
    {
        SkipWithoutPython();
        // On a free port, which it prints.
        var text = Blocks("python").Single(p => p.Contains(Serve)).Replace(Serve, "server = HTTPServer((\"127.0.0.1\", 0), Handler)\nprint(server.server_port, flush=True)\nserver.serve_forever()");
        using var server = Process.Start(new ProcessStartInfo("python3", [Write("use_http.py", text)]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        server.BeginErrorReadLine();
        try
        {
            var port = server.StandardOutput.ReadLine();
            using var encoder = new HttpTextEncoder(new Uri($"http://127.0.0.1:{port}/embed"), 2, TimeSpan.FromSeconds(60));
            Assert.Equal([4f, 0.5f], encoder.Encode("open"));
            // This server closes every connection. Often enough to notice a client that keeps them.
            for (var i = 0; i < 100; i++)
                Assert.Equal([5f, 0.5f], encoder.Encode("fermé"));
        }
        finally
        {
            server.Kill(entireProcessTree: true);
        }
    }

    private static IEnumerable<string> Blocks(string language) =>
        BlockPattern().Matches(Document).Where(m => m.Groups["language"].Value == language).Select(m => m.Groups["text"].Value);

    private static void SkipWithoutPython()
    {
        try
        {
            using var python = Process.Start(new ProcessStartInfo("python3", ["--version"]) { RedirectStandardOutput = true })!;
            python.WaitForExit();
            Assert.SkipUnless(python.ExitCode == 0, "python3 does not run.");
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("python3 is not installed.");
        }
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    [GeneratedRegex(@"^```(?<language>\w+)\n(?<text>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex BlockPattern();
}
