using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace CrossFormer.Text;

/// <summary>A running encoder program: lines in, lines out, with a deadline and a bound on what is read.</summary>
internal sealed class EncoderProcess : IDisposable
{
    private const int ErrorTail = 4096;

    private readonly Process _process;
    private readonly Task _errorReader;
    private readonly StringBuilder _errors = new();

    // What came after the last answer's line end.
    private byte[] _buffered = [];

    private EncoderProcess(Process process, string name)
    {
        (_process, Name) = (process, name);
        _errorReader = OnItsOwnThread(ReadErrors);
    }

    /// <summary>What to call the program in errors.</summary>
    public string Name { get; }

    public static EncoderProcess Start(IReadOnlyList<string> command)
    {
        var name = string.Join(' ', command);
        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        try
        {
            return new EncoderProcess(Process.Start(start)!, name);
        }
        catch (Win32Exception e)
        {
            throw new TextEncoderException(name, $"cannot be started ({e.Message})", e);
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
        var conversation = OnItsOwnThread(() => Converse(line, maxBytes, last));
        if (Task.WaitAny([conversation], timeout) < 0)
        {
            Kill();
            throw new TextEncoderException(Name, $"no answer within {timeout.TotalSeconds} s{Errors()}");
        }

        if (conversation.Exception?.InnerException is { } failure)
            throw failure as TextEncoderException ?? new TextEncoderException(Name, $"{failure.Message}{Ending()}", failure);

        return conversation.Result ?? throw new TextEncoderException(Name, $"ended without an answer{Ending()}");
    }

    public void Dispose()
    {
        Kill();
        _process.Dispose();
    }

    // Null when the program ends before the line does (a one-shot program may leave out the line end).
    private byte[]? Converse(byte[] line, int maxBytes, bool last)
    {
        try
        {
            var input = _process.StandardInput.BaseStream;
            input.Write([.. line, (byte)'\n']);
            input.Flush();
            if (last)
                _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It has closed its input. What it printed, or its exit code and standard error, tells more than "broken pipe".
        }

        var output = _process.StandardOutput.BaseStream;
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

    // Callers may hold every thread of the pool while they wait here.
    private static Task<T> OnItsOwnThread<T>(Func<T> run) => Task.Factory.StartNew(run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private bool ReadErrors()
    {
        var buffer = new char[1024];
        try
        {
            int read;
            while ((read = _process.StandardError.Read(buffer)) > 0)
            {
                lock (_errors)
                {
                    _errors.Append(buffer, 0, read);
                    if (_errors.Length > ErrorTail)
                        _errors.Remove(0, _errors.Length - ErrorTail);
                }
            }

            return true;
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // The process is gone; what was read is kept.
            return false;
        }
    }

    private string Ending()
    {
        // It closed its output: give it a moment to end, so that its exit code and last words can be told.
        var ended = _process.WaitForExit(TimeSpan.FromSeconds(1));
        if (ended)
            _errorReader.Wait(TimeSpan.FromSeconds(1));
        return (ended ? $", exit code {_process.ExitCode}" : "") + Errors();
    }

    private string Errors()
    {
        lock (_errors)
        {
            var text = _errors.ToString().Trim();
            return text.Length > 0 ? $"; standard error: {text}" : "; standard error is empty";
        }
    }

    private void Kill()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception or AggregateException)
        {
            // It has ended already.
        }
    }
}
