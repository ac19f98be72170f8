using System.Text.Encodings.Web;
using System.Text.Json;

namespace CrossFormer.Data.Rlds;

/// <summary>Reads and writes <c>dataset_info.json</c>. Source: tensorflow_datasets/core/proto/dataset_info.proto and core/utils/shard_utils.</summary>
internal static class DatasetInfoJson
{
    internal static readonly JsonWriterOptions JsonStyle = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private const string DefaultTemplate = "{DATASET}-{SPLIT}.{FILEFORMAT}-{SHARD_X_OF_Y}";

    public static (RldsDatasetInfo Info, IReadOnlyList<RldsSplit> Splits) Read(string file)
    {
        var root = JsonValue.ReadFile(file);
        var folder = Path.GetDirectoryName(file)!;
        var name = root["name"].Text();
        var format = root.Optional("fileFormat")?.Text() is { Length: > 0 } given ? given : "tfrecord";
        if (format != "tfrecord")
            throw new NotSupportedException($"{file}: $.fileFormat is '{format}'; only tfrecord can be read. Convert the dataset with TFDS (tfds convert_format --to_file_format tfrecord).");
        var splits = new List<RldsSplit>();
        foreach (var node in root.Optional("splits")?.Items() ?? [])
        {
            var split = node["name"].Text();
            if (splits.Exists(s => s.Name == split))
                throw node.Error($"the split '{split}' occurs twice");
            var lengths = new List<int>();
            long total = 0;
            foreach (var item in node["shardLengths"].Items())
            {
                var length = item.Int32();
                if (length < 0 || (total += length) > int.MaxValue)
                    throw item.Error("expected a number of episodes");
                lengths.Add(length);
            }

            var template = node.Optional("filepathTemplate")?.Text() is { Length: > 0 } t ? t : DefaultTemplate;
            var files = new string[lengths.Count];
            for (var i = 0; i < files.Length; i++)
            {
                var shard = template
                    .Replace("{DATASET}", name)
                    .Replace("{SPLIT}", split)
                    .Replace("{FILEFORMAT}", format)
                    .Replace("{SHARD_X_OF_Y}", $"{i:D5}-of-{files.Length:D5}")
                    .Replace("{SHARD_INDEX}", $"{i:D5}")
                    .Replace("{NUM_SHARDS}", $"{files.Length:D5}");
                // The name comes from a file: it must not lead out of the dataset's folder.
                if (Path.GetFileName(shard) != shard || shard is "." or ".." || shard.Contains('\0'))
                    throw node.Error($"the shard's name '{shard}' is no plain file name");
                files[i] = Path.Combine(folder, shard);
            }

            splits.Add(new RldsSplit(split, files, lengths));
        }

        var info = new RldsDatasetInfo(name, root.Optional("version")?.Text() ?? Path.GetFileName(folder))
        {
            Description = root.Optional("description")?.Text() ?? "",
            Citation = root.Optional("citation")?.Text() ?? "",
            ModuleName = root.Optional("moduleName")?.Text() ?? "",
            ReleaseNotes = root.Optional("releaseNotes")?.Members().ToDictionary(m => m.Name, m => m.Value.Text()) ?? [],
        };
        return (info, splits);
    }

    /// <summary>Writes what TFDS writes: proto3 JSON, so 64-bit integers are strings and empty fields are left out.</summary>
    /// <param name="stream">The destination.</param>
    /// <param name="info">Name, version and texts.</param>
    /// <param name="splits">Each split with its shards' numbers of episodes and the bytes of its records' data.</param>
    public static void Write(Stream stream, RldsDatasetInfo info, IEnumerable<(string Name, IReadOnlyList<int> ShardLengths, long Bytes)> splits)
    {
        using var json = new Utf8JsonWriter(stream, JsonStyle);
        json.WriteStartObject();
        WriteText("citation", info.Citation);
        WriteText("description", info.Description);
        json.WriteString("fileFormat", "tfrecord");
        WriteText("moduleName", info.ModuleName);
        json.WriteString("name", info.Name);
        if (info.ReleaseNotes.Count > 0)
        {
            json.WriteStartObject("releaseNotes");
            foreach (var (version, note) in info.ReleaseNotes)
                json.WriteString(version, note);
            json.WriteEndObject();
        }

        json.WriteStartArray("splits");
        foreach (var split in splits)
        {
            json.WriteStartObject();
            json.WriteString("filepathTemplate", DefaultTemplate);
            json.WriteString("name", split.Name);
            json.WriteString("numBytes", split.Bytes.ToString());
            json.WriteStartArray("shardLengths");
            foreach (var length in split.ShardLengths)
                json.WriteStringValue(length.ToString());
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteString("version", info.Version);
        json.WriteEndObject();

        void WriteText(string name, string text)
        {
            if (text.Length > 0)
                json.WriteString(name, text);
        }
    }
}
