using System.Text.Json;
using System.Text.Json.Serialization;
using CrossFormer.Formats;

namespace CrossFormer.Data.Rlds;

/// <summary>What of an unfinished dataset is safely on the disk: <c>progress.json</c> in its working folder.</summary>
internal sealed class WriterProgress
{
    private const string FileName = "progress.json";

    /// <summary><see cref="RldsWriteOptions.Source"/>.</summary>
    public required string Source { get; init; }

    /// <summary>SHA-256 of features.json.</summary>
    public required string Features { get; init; }

    /// <summary>In the order in which they appeared.</summary>
    [JsonObjectCreationHandling(JsonObjectCreationHandling.Populate)]
    public List<Split> Splits { get; } = [];

    /// <summary>Reads the file; null when there is none.</summary>
    /// <exception cref="CorruptFileException">It is malformed: someone else wrote to it, for it is replaced atomically.</exception>
    public static WriterProgress? Load(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
            return null;
        try
        {
            return JsonSerializer.Deserialize<WriterProgress>(File.ReadAllBytes(path));
        }
        catch (JsonException e)
        {
            throw new CorruptFileException(path, 0, $"malformed progress of an unfinished dataset ({e.Message}); delete the folder to begin anew", e);
        }
    }

    public void Save(string folder) => AtomicFile.Write(Path.Combine(folder, FileName), JsonSerializer.SerializeToUtf8Bytes(this));

    public static void Delete(string folder) => File.Delete(Path.Combine(folder, FileName));

    /// <summary>A split's shards and its place in the source.</summary>
    public sealed class Split
    {
        public required string Name { get; init; }

        public long Position { get; set; }

        /// <summary>Whether the last shard is ended.</summary>
        public bool Ended { get; set; } = true;

        [JsonObjectCreationHandling(JsonObjectCreationHandling.Populate)]
        public List<Shard> Shards { get; } = [];
    }

    /// <summary>A shard's size: records, bytes of the file, and bytes of the records' data.</summary>
    public sealed class Shard
    {
        public int Episodes { get; set; }

        public long FileBytes { get; set; }

        public long DataBytes { get; set; }
    }
}
