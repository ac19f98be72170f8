using System.Globalization;
using CrossFormer.Text;

namespace CrossFormer.Core.Tests.Text;

/// <summary>Stand-in programs in place of an encoder: they answer with their process id and the line's length.</summary>
public sealed class CommandTextEncoderTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private const string Serve = "while read -r line; do echo \"[$$, ${#line}]\"; done";

    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Encode_KeepsOneProgramAlive()
    {
        using var encoder = Shell(Serve);
        var (first, second) = (encoder.Encode("abc"), encoder.Encode("abcd"));
        Assert.Equal(first[0], second[0]);
        Assert.Equal("""{"text":"abc"}""".Length, first[1]);
        Assert.Equal(first[1] + 1, second[1]);
    }

    [Fact]
    public void Encode_StartsAOneShotProgramForEveryText()
    {
        using var encoder = Shell("read -r line; printf '[%s, %s]' $$ ${#line}", keepAlive: false);
        Assert.NotEqual(encoder.Encode("a")[0], encoder.Encode("a")[0]);
    }

    [Fact]
    public void Encode_SendsEveryTextInOneAsciiLine()
    {
        using var encoder = Shell("while read -r line; do printf '%s\\n' \"$line\" >> \"$0\"; echo '[0, 0]'; done", arguments: Path.Combine(_folder, "log"));
        encoder.Encode("a\nb\"é🤖");
        Assert.Equal("""{"text":"a\nb\u0022\u00E9\uD83E\uDD16"}""", Assert.Single(File.ReadAllLines(Path.Combine(_folder, "log"))));
    }

    [Fact]
    public void Encode_PassesArgumentsWithoutAShell()
    {
        using var encoder = new CommandTextEncoder(["echo", "[1, 2] ; $(exit 1)"], 2, Patience, keepAlive: false);
        Assert.Contains("expected JSON, got '[1, 2] ; $(exit 1)'", Assert.Throws<TextEncoderException>(() => encoder.Encode("a")).Message);
    }

    [Fact]
    public void Encode_TellsTheExitCodeAndStandardError()
    {
        using var encoder = Shell("echo 'no module named tensorflow' >&2; exit 3");
        var error = Assert.Throws<TextEncoderException>(() => encoder.Encode("a"));
        Assert.Contains("exit code 3; standard error: no module named tensorflow", error.Message);
    }

    [Fact]
    public void Encode_StartsAnewAfterAFailure()
    {
        // Fails the first time only.
        using var encoder = Shell($"if mkdir \"$0\" 2>/dev/null; then exit 1; fi; {Serve}", arguments: Path.Combine(_folder, "once"));
        Assert.Throws<TextEncoderException>(() => encoder.Encode("a"));
        Assert.Equal("""{"text":"a"}""".Length, encoder.Encode("a")[1]);
    }

    [Fact]
    public async Task Encode_KillsAProgramThatTakesTooLongWithItsChildren()
    {
        var file = Path.Combine(_folder, "pids");
        using var encoder = Shell("sleep 600 & echo $$ $! > \"$0\"; wait", TimeSpan.FromSeconds(1), arguments: file);
        Assert.Contains("no answer within 1 s", Assert.Throws<TextEncoderException>(() => encoder.Encode("a")).Message);
        foreach (var id in (await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken)).Split())
        {
            if (id.Length > 0)
                Assert.True(await Ends(int.Parse(id, CultureInfo.InvariantCulture)), $"process {id} still runs");
        }
    }

    [Theory]
    [InlineData("echo '[1, 2, 3]'", "expected 2 numbers, got 3")]
    [InlineData("echo '[1, null]'", "expected a finite number at index 1, got 'null'")]
    [InlineData("echo '[1, 1e99]'", "expected a finite number at index 1, got '1e99'")]
    [InlineData("echo '{}'", "expected an array of 2 numbers, got '{}'")]
    [InlineData("echo 'hello'", "expected JSON, got 'hello'")]
    [InlineData("cat /dev/zero", "an answer of more than 4224 bytes")]
    [InlineData("exit 0", "ended without an answer, exit code 0; standard error is empty")]
    public void Encode_RefusesAWrongAnswer(string script, string expected)
    {
        using var encoder = Shell(script, keepAlive: false);
        Assert.Contains(expected, Assert.Throws<TextEncoderException>(() => encoder.Encode("a")).Message);
    }

    [Fact]
    public void Encode_SaysWhenTheProgramCannotBeStarted()
    {
        using var encoder = new CommandTextEncoder(["/no/such/encoder"], 2, Patience);
        Assert.Contains("/no/such/encoder: cannot be started", Assert.Throws<TextEncoderException>(() => encoder.Encode("a")).Message);
    }

    [Fact]
    public void Encode_GivesEveryThreadItsOwnAnswer()
    {
        using var encoder = Shell(Serve);
        var overhead = """{"text":""}""".Length;
        Parallel.For(0, 100, i => Assert.Equal(overhead + i, encoder.Encode(new string('x', i))[1]));
    }

    private static CommandTextEncoder Shell(string script, TimeSpan? timeout = null, bool keepAlive = true, string arguments = "") =>
        new(["/bin/sh", "-c", script, arguments], 2, timeout ?? Patience, keepAlive);

    private static async Task<bool> Ends(int id)
    {
        for (var i = 0; i < 100; i++)
        {
            // A zombie that its new parent has not reaped yet has ended, too.
            if (!File.Exists($"/proc/{id}/stat") || (await File.ReadAllTextAsync($"/proc/{id}/stat")).Contains(") Z"))
                return true;
            await Task.Delay(50);
        }

        return false;
    }
}
