using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace CrossFormer.Tests.Checkpoints.Hub;

/// <summary>An HTTP server on 127.0.0.1: one answer for each connection, and a log of what was asked.</summary>
internal sealed class LoopbackServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<Request, Answer> _answer;

    public LoopbackServer(Func<Request, Answer> answer)
    {
        _answer = answer;
        _listener.Start();
        Url = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");
        _ = Task.Run(ServeAsync);
    }

    public Uri Url { get; }

    /// <summary>Everything that was asked, in order of arrival.</summary>
    public ConcurrentQueue<Request> Requests { get; } = [];

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            TcpClient client;
            try
            {
                client = await _listener.AcceptTcpClientAsync(_stop.Token);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or InvalidOperationException or OperationCanceledException)
            {
                return;
            }

            _ = Task.Run(() => ServeAsync(client));
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                var stream = client.GetStream();
                using var reader = new StreamReader(stream, Encoding.Latin1);
                if ((await reader.ReadLineAsync(_stop.Token))?.Split(' ') is not [var method, var target, _])
                    return;
                var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
                while (await reader.ReadLineAsync(_stop.Token) is { Length: > 0 } line && line.Split(": ", 2) is [var name, var value])
                    headers[name] = value;
                var request = new Request(method, target, headers);
                Requests.Enqueue(request);
                var answer = _answer(request).For(request);
                await stream.WriteAsync(answer.Head(), _stop.Token);
                if (method != "HEAD")
                    await stream.WriteAsync(answer.Body.AsMemory(0, Math.Min(answer.CutAfter ?? int.MaxValue, answer.Body.Length)), _stop.Token);
                if (answer.Stalls)
                    await Task.Delay(Timeout.Infinite, _stop.Token);
            }
            catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
            {
                // The client went away, or the test is over.
            }
        }
    }

    internal sealed record Request(string Method, string Target, Dictionary<string, string> Headers)
    {
        public string Path => Target.Split('?')[0];

        public string? Range => Headers.GetValueOrDefault("Range");

        public string? Authorization => Headers.GetValueOrDefault("Authorization");
    }

    /// <param name="Status">The status line's number.</param>
    /// <param name="Body">The content; answered in part when a range is asked for.</param>
    internal sealed record Answer(int Status, byte[] Body)
    {
        private readonly List<(string Name, string Value)> _headers = [];

        /// <summary>The connection closes after so many bytes of the body.</summary>
        public int? CutAfter { get; init; }

        /// <summary>The connection stays open after that, and nothing more comes.</summary>
        public bool Stalls { get; init; }

        /// <summary>Whether a range is honoured.</summary>
        public bool HasRanges { get; init; } = true;

        public static Answer Json(string json) => new(200, Encoding.UTF8.GetBytes(json));

        public static Answer OfStatus(int status) => new(status, []);

        public Answer With(string name, string value)
        {
            _headers.Add((name, value));
            return this;
        }

        public Answer For(Request request)
        {
            if (request.Range is not { } range || Status != 200 || !HasRanges)
                return this;
            var from = int.Parse(range["bytes=".Length..].TrimEnd('-'));
            if (from >= Body.Length)
                return new Answer(416, []).With("Content-Range", $"bytes */{Body.Length}");
            var part = this with { Status = 206, Body = Body[from..] };
            return part.With("Content-Range", $"bytes {from}-{Body.Length - 1}/{Body.Length}");
        }

        public byte[] Head() => Encoding.Latin1.GetBytes(
            $"HTTP/1.1 {Status} X\r\nContent-Length: {Body.Length}\r\nConnection: close\r\n{string.Concat(_headers.Select(h => $"{h.Name}: {h.Value}\r\n"))}\r\n");
    }
}
