using System.ComponentModel;
using CrossFormer.Processes;

namespace CrossFormer.Text;

/// <summary>A running encoder program: lines in, lines out, with a deadline and a bound on what is read.</summary>
internal sealed class EncoderProcess : IDisposable
{
    private readonly ChildProcess _process;

    // What came after the last answer's line end.
    private byte[] _buffered = [];

    private EncoderProcess(ChildProcess process) => _process = process;

    /// <summary>What to call the program in errors.</summary>
    public string Name => _process.Name;

    public static EncoderProcess Start(IReadOnlyList<string> command)
    {
        try
        {
            return new EncoderProcess(ChildProcess.Start(command));
        }
        catch (Win32Exception e)
        {
            throw new TextEncoderException(string.Join(' ', command), $"cannot be started ({e.Message})", e);
        }
    }

    /// <summary>Sends one line and reads one.</summary>
    /// <param name="line">Without its end.</param>
    /// <param name="maxBytes">A longer answer is an error.</param>
    /// <param name="timeout">For both.</param>
    /// <param name="last">Closes the program's standard input after the line.</param>
    public byte[] Ask(byte[] line, int maxBytes, TimeSpan timeout, bool last)
    {
        // Pipes cannot be read with a deadline; killing the program ends the read that is left behind.
        var conversation = ChildProcess.OnItsOwnThread(() => Converse(line, maxBytes, last));
        if (Task.WaitAny([conversation], timeout) < 0)
        {
            _process.Kill();
            throw new TextEncoderException(Name, $"no answer within {timeout.TotalSeconds} s{_process.Errors()}");
        }

        if (conversation.Exception?.InnerException is { } failure)
            throw failure as TextEncoderException ?? new TextEncoderException(Name, $"{failure.Message}{_process.Ending()}", failure);

        return conversation.Result ?? throw new TextEncoderException(Name, $"ended without an answer{_process.Ending()}");
    }

    public void Dispose() => _process.Dispose();

    // Null when the program ends before the line does (a one-shot program may leave out the line end).
    private byte[]? Converse(byte[] line, int maxBytes, bool last)
    {
        try
        {
            var input = _process.Input;
            input.Write([.. line, (byte)'\n']);
            input.Flush();
            if (last)
                input.Close();
        }
        catch (IOException)
        {
            // It has closed its input. What it printed, or its exit code and standard error, tells more than "broken pipe".
        }

        var output = _process.Output;
        var answer = new MemoryStream();
        var chunk = _buffered;
        _buffered = [];
        while (true)
        {
            var end = Array.IndexOf(chunk, (byte)'\n');
            answer.Write(chunk, 0, end >= 0 ? end : chunk.Length);
            if (answer.Length > maxBytes)
                throw new TextEncoderException(Name, $"an answer of more than {maxBytes} bytes");
            if (end >= 0)
            {
                _buffered = chunk[(end + 1)..];
                return answer.ToArray();
            }

            var buffer = new byte[4096];
            var read = output.Read(buffer);
            if (read == 0)
                return last && answer.Length > 0 ? answer.ToArray() : null;
            chunk = buffer[..read];
        }
    }
}
