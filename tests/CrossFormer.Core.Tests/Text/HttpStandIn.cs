using System.Net;
using System.Net.Sockets;
using System.Text;

namespace CrossFormer.Core.Tests.Text;

/// <summary>A minimal HTTP server: hands each request to a function and sends what that returns.</summary>
internal sealed class HttpStandIn : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Func<string, string, (int Status, string Body)?> _answer;

    /// <param name="answer">Request line and body to status and body; null leaves the client waiting.</param>
    public HttpStandIn(Func<string, string, (int Status, string Body)?> answer)
    {
        _answer = answer;
        _listener.Start();
        _ = Task.Run(Serve);
    }

    public Uri Url => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/embed");

    public void Dispose() => _listener.Dispose();

    private async Task Serve()
    {
        while (true)
        {
            TcpClient client;
            try
            {
                client = await _listener.AcceptTcpClientAsync();
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or InvalidOperationException)
            {
                return;
            }

            _ = Task.Run(() => Answer(client));
        }
    }

    private void Answer(TcpClient client)
    {
        using var reader = new StreamReader(client.GetStream(), Encoding.Latin1);
        var (first, length) = (reader.ReadLine()!, 0);
        while (reader.ReadLine() is { Length: > 0 } header)
        {
            if (header.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase))
                length = int.Parse(header[15..]);
        }

        var body = new char[length];
        reader.ReadBlock(body);
        if (_answer(first, new string(body)) is not { } answer)
        {
            Thread.Sleep(TimeSpan.FromSeconds(5));
            return;
        }

        var response = Encoding.UTF8.GetBytes(answer.Body);
        client.GetStream().Write([.. Encoding.ASCII.GetBytes($"HTTP/1.1 {answer.Status} X\r\nContent-Length: {response.Length}\r\nConnection: close\r\n\r\n"), .. response]);
    }
}
