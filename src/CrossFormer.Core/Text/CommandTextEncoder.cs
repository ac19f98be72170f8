namespace CrossFormer.Text;

/// <summary>
/// An encoder that is a program: it reads lines <c>{"text": "…"}</c> on standard input and answers each with one line, a
/// JSON array of numbers, on standard output. It is started directly, never through a shell.
/// </summary>
/// <remarks>
/// Kept alive, the program serves text after text (loading the Universal Sentence Encoder takes ten seconds); it must flush
/// after every line. One-shot, it is started for each text and reads one line. A program that fails or takes too long is
/// killed, with its children; a program kept alive is started anew for the next text.
/// </remarks>
public sealed class CommandTextEncoder : ITextEncoder
{
    private readonly IReadOnlyList<string> _command;
    private readonly TimeSpan _timeout;
    private readonly bool _keepAlive;
    private readonly Lock _lock = new();
    private EncoderProcess? _process;

    /// <summary>Describes the program; nothing is started yet.</summary>
    /// <param name="command">The executable and its arguments.</param>
    /// <param name="dimension">Numbers in every answer, at least 1; others are refused.</param>
    /// <param name="timeout">For one text, the program's start included; more than zero.</param>
    /// <param name="keepAlive">Whether the program serves many texts.</param>
    public CommandTextEncoder(IReadOnlyList<string> command, int dimension, TimeSpan timeout, bool keepAlive = true)
    {
        if (command.Count == 0 || command[0].Length == 0)
            throw new ArgumentException("Expected an executable and its arguments.", nameof(command));
        ArgumentOutOfRangeException.ThrowIfLessThan(dimension, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(timeout, TimeSpan.Zero);
        (_command, Dimension, _timeout, _keepAlive) = ([.. command], dimension, timeout, keepAlive);
    }

    /// <summary><c>command:</c>, the command and the dimension.</summary>
    public string Name => $"command:{string.Join(' ', _command)}#{Dimension}";

    /// <inheritdoc/>
    public int Dimension { get; }

    /// <inheritdoc/>
    public float[] Encode(string text)
    {
        // One conversation at a time: answers come in the order of the texts.
        lock (_lock)
        {
            var process = _process ??= EncoderProcess.Start(_command);
            try
            {
                var answer = process.Ask(EmbeddingJson.Request(text), EmbeddingJson.MaxBytes(Dimension), _timeout, last: !_keepAlive);
                using var json = EmbeddingJson.Parse(answer, process.Name);
                var vector = EmbeddingJson.Vector(json.RootElement, Dimension, process.Name);
                if (!_keepAlive)
                    Stop();
                return vector;
            }
            catch
            {
                Stop();
                throw;
            }
        }
    }

    /// <summary>Ends the program.</summary>
    public void Dispose()
    {
        lock (_lock)
            Stop();
    }

    /// <inheritdoc/>
    public override string ToString() => Name;

    private void Stop()
    {
        _process?.Dispose();
        _process = null;
    }
}
