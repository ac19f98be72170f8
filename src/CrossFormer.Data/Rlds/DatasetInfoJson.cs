namespace CrossFormer.Data.Rlds;

/// <summary>Reads <c>dataset_info.json</c>. Source: tensorflow_datasets/core/proto/dataset_info.proto and core/utils/shard_utils.</summary>
internal static class DatasetInfoJson
{
    private const string DefaultTemplate = "{DATASET}-{SPLIT}.{FILEFORMAT}-{SHARD_X_OF_Y}";

    public static (string Name, string Version, IReadOnlyList<RldsSplit> Splits) Read(string file)
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

        return (name, root.Optional("version")?.Text() ?? Path.GetFileName(folder), splits);
    }
}
