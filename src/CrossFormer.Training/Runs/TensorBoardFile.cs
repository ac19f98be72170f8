using System.Buffers.Binary;
using System.Text;
using CrossFormer.Data.TfRecords;

namespace CrossFormer.Training.Runs;

/// <summary>
/// Scalars for TensorBoard: a TFRecord file of <c>tensorflow.Event</c> messages (tensorflow/core/util/event.proto and
/// framework/summary.proto; six fields, so written by hand). A resumed run begins a new file, which says where it begins: TensorBoard
/// drops what the old one says of later steps.
/// </summary>
internal sealed class TensorBoardFile : IDisposable
{
    // Field number and wire type of the fields used: 1 fixed64, 0 varint, 2 delimited, 5 fixed32.
    private const byte WallTime = (1 << 3) | 1, Step = (2 << 3) | 0, FileVersion = (3 << 3) | 2, Summary = (5 << 3) | 2, SessionLog = (7 << 3) | 2;
    private const byte Value = (1 << 3) | 2, Tag = (1 << 3) | 2, SimpleValue = (2 << 3) | 5;

    // SessionLog { status: START }
    private static readonly byte[] Start = [(1 << 3) | 0, 1];

    private readonly TimeProvider _time;
    private readonly FileStream _stream;
    private readonly TfRecordWriter _records;

    /// <summary>Begins a file in a folder.</summary>
    /// <param name="folder">The run's.</param>
    /// <param name="step">Steps done before.</param>
    /// <param name="time">The clock.</param>
    public TensorBoardFile(string folder, int step, TimeProvider time)
    {
        _time = time;
        _stream = new FileStream(Path.Combine(folder, $"events.out.tfevents.{time.GetUtcNow().ToUnixTimeMilliseconds()}.crossformer"), FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0);
        _records = new TfRecordWriter(_stream);
        Write(Delimited(FileVersion, "brain.Event:2"u8));
        Write([Step, .. Varint((ulong)step + 1), .. Delimited(SessionLog, Start)]);
    }

    /// <summary>Adds the scalars of a step.</summary>
    public void Write(int step, IEnumerable<(string Tag, double Value)> scalars)
    {
        var values = new List<byte>();
        foreach (var (tag, value) in scalars)
            values.AddRange(Delimited(Value, [.. Delimited(Tag, Encoding.UTF8.GetBytes(tag)), SimpleValue, .. Bytes((float)value)]));
        Write([Step, .. Varint((ulong)step), .. Delimited(Summary, [.. values])]);
    }

    public void Dispose() => _stream.Dispose();

    private void Write(byte[] fields)
    {
        var time = new byte[sizeof(double)];
        BinaryPrimitives.WriteDoubleLittleEndian(time, _time.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0);
        _records.Write([WallTime, .. time, .. fields]);
        _stream.Flush();
    }

    private static byte[] Delimited(byte tag, ReadOnlySpan<byte> content) => [tag, .. Varint((ulong)content.Length), .. content];

    private static byte[] Bytes(float value)
    {
        var bytes = new byte[sizeof(float)];
        BinaryPrimitives.WriteSingleLittleEndian(bytes, value);
        return bytes;
    }

    private static byte[] Varint(ulong value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7)
            bytes.Add((byte)(value | 0x80));
        return [.. bytes, (byte)value];
    }
}
