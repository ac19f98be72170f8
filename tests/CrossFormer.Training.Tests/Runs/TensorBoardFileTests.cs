using System.Buffers.Binary;
using System.Text;
using CrossFormer.Data.TfRecords;
using CrossFormer.Formats;
using CrossFormer.Training.Runs;

namespace CrossFormer.Training.Tests.Runs;

/// <summary>The event file is what TensorBoard reads: records with checksums, each a <c>tensorflow.Event</c>.</summary>
public sealed class TensorBoardFileTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("crossformer-events-");

    private readonly Clock _clock = new();

    [Fact]
    public void Scalars_AreReadBackUnderTheirSteps()
    {
        var events = Events(Write());

        Assert.Equal("brain.Event:2", events[0].Version);
        Assert.Empty(events[0].Scalars);
        // A session starts: what older files say of this step and later ones is void.
        Assert.True(events[1].IsStart);
        Assert.Equal([3, 5, 1_000_000], events.Skip(1).Select(e => e.Step));
        Assert.Equal(new Dictionary<string, float> { ["training/loss"] = 0.25f, ["später"] = -1e30f }, events[2].Scalars);
        Assert.Equal(new Dictionary<string, float> { ["training/loss"] = float.NaN }, events[3].Scalars);
        Assert.Equal([1_700_000_000.0, 1_700_000_000.25, 1_700_000_000.5, 1_700_000_000.75, 1_700_000_001], events.Select(e => e.WallTime).Prepend(1_700_000_000));
    }

    [Fact]
    public void EveryByte_IsUnderAChecksum()
    {
        var path = Write();
        var bytes = File.ReadAllBytes(path);
        for (var i = 0; i < bytes.Length; i++)
        {
            var damaged = bytes.ToArray();
            damaged[i] ^= 0x10;
            File.WriteAllBytes(path, damaged);
            Assert.Throws<CorruptFileException>(() => Events(path));
        }
    }

    [Fact]
    public void ResumedRun_BeginsAFileOfItsOwn()
    {
        Write();
        Write();
        Assert.Equal(2, _folder.GetFiles("events.out.tfevents.*").Length);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private string Write()
    {
        using (var file = new TensorBoardFile(_folder.FullName, 2, _clock))
        {
            file.Write(5, [("training/loss", 0.25), ("später", -1e30)]);
            file.Write(1_000_000, [("training/loss", double.NaN)]);
        }

        return _folder.GetFiles().MaxBy(f => f.Name)!.FullName;
    }

    private static List<Event> Events(string path)
    {
        using var reader = new TfRecordReader(path);
        var events = new List<Event>();
        while (reader.TryRead(out var record))
            events.Add(Event.Parse(record.Data.Span));
        return events;
    }

    /// <summary>A quarter of a second passes between two looks at it.</summary>
    private sealed class Clock : TimeProvider
    {
        private int _looks;

        public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeSeconds(1_700_000_000).AddSeconds(0.25 * _looks++);
    }

    /// <summary>What tensorflow/core/util/event.proto says of the fields in use.</summary>
    private sealed record Event(double WallTime, long Step, string? Version, Dictionary<string, float> Scalars)
    {
        public bool IsStart { get; private init; }

        public static Event Parse(ReadOnlySpan<byte> message)
        {
            var read = new Event(0, 0, null, []);
            while (message.Length > 0)
            {
                var tag = Varint(ref message);
                switch (tag)
                {
                    case (1 << 3) | 1:
                        read = read with { WallTime = BinaryPrimitives.ReadDoubleLittleEndian(message) };
                        message = message[8..];
                        break;
                    case (2 << 3) | 0:
                        read = read with { Step = (long)Varint(ref message) };
                        break;
                    case (3 << 3) | 2:
                        read = read with { Version = Encoding.UTF8.GetString(Delimited(ref message)) };
                        break;
                    case (5 << 3) | 2:
                        for (var summary = Delimited(ref message); summary.Length > 0;)
                        {
                            Assert.Equal(((ulong)1 << 3) | 2, Varint(ref summary));
                            var value = Delimited(ref summary);
                            Assert.Equal(((ulong)1 << 3) | 2, Varint(ref value));
                            var name = Encoding.UTF8.GetString(Delimited(ref value));
                            Assert.Equal(((ulong)2 << 3) | 5, Varint(ref value));
                            read.Scalars.Add(name, BinaryPrimitives.ReadSingleLittleEndian(value));
                            Assert.Equal(4, value.Length);
                        }

                        break;
                    case (7 << 3) | 2:
                        // SessionLog { status: START }
                        read = read with { IsStart = Delimited(ref message).SequenceEqual<byte>([(1 << 3) | 0, 1]) };
                        break;
                    default:
                        Assert.Fail($"field tag {tag}");
                        break;
                }
            }

            return read;
        }

        private static ReadOnlySpan<byte> Delimited(ref ReadOnlySpan<byte> message)
        {
            var length = (int)Varint(ref message);
            var content = message[..length];
            message = message[length..];
            return content;
        }

        private static ulong Varint(ref ReadOnlySpan<byte> message)
        {
            ulong value = 0;
            for (var shift = 0; ; shift += 7)
            {
                var next = message[0];
                message = message[1..];
                value |= (ulong)(next & 0x7F) << shift;
                if (next < 0x80)
                    return value;
            }
        }
    }
}
