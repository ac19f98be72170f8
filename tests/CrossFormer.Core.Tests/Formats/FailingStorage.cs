using CrossFormer.Formats;

namespace CrossFormer.Core.Tests.Formats;

/// <summary>A storage whose power fails at a chosen step: that step and all after it, clearing up included, do nothing but throw.</summary>
/// <param name="failAt">Number of the step that fails, from 0; each byte written is a step of its own.</param>
internal sealed class FailingStorage(int failAt) : DurableStorage
{
    public int Steps { get; private set; }

    public override void CreateFolder(string path)
    {
        Step();
        base.CreateFolder(path);
    }

    public override void WriteFile(string path, Action<Stream> write)
    {
        Step();
        base.WriteFile(path, write);
    }

    public override void ReplaceFile(string source, string target)
    {
        Step();
        base.ReplaceFile(source, target);
    }

    public override void ReplaceFolder(string source, string target)
    {
        Step();
        base.ReplaceFolder(source, target);
    }

    public override void FlushFolder(string path)
    {
        Step();
        base.FlushFolder(path);
    }

    public override void TryDelete(string path)
    {
        if (Steps <= failAt)
            base.TryDelete(path);
    }

    protected override Stream Wrap(FileStream file) => new ByteByByte(file, this);

    private void Step()
    {
        if (Steps++ >= failAt)
            throw new IOException("The power failed.");
    }

    private sealed class ByteByByte(Stream inner, FailingStorage storage) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => inner.Length;

        public override long Position { get => inner.Position; set => throw new NotSupportedException(); }

        public override void Flush() => inner.Flush();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            foreach (var b in buffer)
            {
                storage.Step();
                inner.WriteByte(b);
            }
        }
    }
}
