using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace CrossFormer.Processes;

/// <summary>
/// A program that runs beside this one, with its standard streams in our hands. Standard error is read all the time, so that
/// the program never waits for it; its end is kept for errors. Disposing kills the program and what it started.
/// </summary>
public sealed class ChildProcess : IDisposable
{
    private const int ErrorTail = 4096;
    private const int LongestLine = 1 << 16;

    private readonly Process _process;
    private readonly Task _errorReader;
    private readonly Action<string>? _onErrorLine;
    private readonly StringBuilder _errors = new();

    private ChildProcess(Process process, string name, Action<string>? onErrorLine, Action? onErrorsEnd)
    {
        (_process, Name, _onErrorLine) = (process, name, onErrorLine);
        _errorReader = OnItsOwnThread(() =>
        {
            ReadErrors();
            onErrorsEnd?.Invoke();
            return true;
        });
    }

    /// <summary>What to call the program in errors: its command line.</summary>
    public string Name { get; }

    /// <summary>The program's standard input.</summary>
    public Stream Input => _process.StandardInput.BaseStream;

    /// <summary>The program's standard output.</summary>
    public Stream Output => _process.StandardOutput.BaseStream;

    /// <summary>Starts a program; no shell is involved.</summary>
    /// <param name="command">The program and its arguments.</param>
    /// <param name="onErrorLine">Called with each line of standard error (cut off at 65536 characters), from another thread.</param>
    /// <param name="onErrorsEnd">Called once after the last line, from that thread.</param>
    /// <exception cref="Win32Exception">There is no such program, or it may not be run.</exception>
    public static ChildProcess Start(IReadOnlyList<string> command, Action<string>? onErrorLine = null, Action? onErrorsEnd = null)
    {
        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        return new ChildProcess(Process.Start(start)!, string.Join(' ', command), onErrorLine, onErrorsEnd);
    }

    /// <summary>Runs blocking work on a thread of its own: callers may hold every thread of the pool while they wait for it.</summary>
    public static Task<T> OnItsOwnThread<T>(Func<T> run) => Task.Factory.StartNew(run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>The exit code; null when the program has not ended within <paramref name="patience"/>.</summary>
    public int? WaitForExit(TimeSpan patience) => _process.WaitForExit(patience) ? _process.ExitCode : null;

    /// <summary>For errors about a program that closed its output: exit code, if it ended, and the end of standard error. Waits up to two seconds.</summary>
    public string Ending()
    {
        var code = WaitForExit(TimeSpan.FromSeconds(1));
        if (code is not null)
            _errorReader.Wait(TimeSpan.FromSeconds(1));
        return (code is not null ? $", exit code {code}" : "") + Errors();
    }

    /// <summary>The end of what it has written to standard error, as <c>; standard error: …</c>.</summary>
    public string Errors()
    {
        lock (_errors)
        {
            var text = _errors.ToString().Trim();
            return text.Length > 0 ? $"; standard error: {text}" : "; standard error is empty";
        }
    }

    /// <summary>Ends the program and what it started.</summary>
    public void Kill()
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

    /// <inheritdoc/>
    public void Dispose()
    {
        Kill();
        _process.Dispose();
    }

    private void ReadErrors()
    {
        var (buffer, line) = (new char[1024], new StringBuilder());
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

                if (_onErrorLine is not null)
                    SplitLines(buffer.AsSpan(0, read), line);
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // The process is gone; what was read is kept.
        }
    }

    private void SplitLines(ReadOnlySpan<char> text, StringBuilder line)
    {
        foreach (var c in text)
        {
            if (c != '\n')
            {
                if (line.Length < LongestLine)
                    line.Append(c);
                continue;
            }

            _onErrorLine!(line.ToString());
            line.Clear();
        }
    }
}
