using System.Text.Json;
using CrossFormer.Formats;

namespace CrossFormer.Statistics;

/// <summary>JSON to <see cref="StatisticsCollection"/>, token by token, so that every error knows its byte offset.</summary>
internal ref struct StatisticsReader
{
    private readonly string _file;
    private readonly Dictionary<long, double> _literals; // values of NaN and Infinity by offset
    private Utf8JsonReader _json;

    private StatisticsReader(ReadOnlySpan<byte> utf8, string file, Dictionary<long, double> literals)
    {
        (_file, _literals) = (file, literals);
        _json = new Utf8JsonReader(utf8, new JsonReaderOptions { CommentHandling = JsonCommentHandling.Disallow });
    }

    public static StatisticsCollection Read(ReadOnlySpan<byte> utf8, string file)
    {
        var text = utf8.ToArray();
        var reader = new StatisticsReader(text, file, BlankLiterals(text));
        try
        {
            return reader.Root();
        }
        catch (JsonException e)
        {
            throw new CorruptFileException(file, Offset(text, e.LineNumber ?? 0, e.BytePositionInLine ?? 0), $"not a JSON text ({e.Message})", e);
        }
        catch (InvalidOperationException e)
        {
            // What System.Text.Json says to a name that is no UTF-8, or has half a surrogate pair.
            throw new CorruptFileException(file, reader._json.TokenStartIndex, $"not a JSON text ({e.Message})", e);
        }
    }

    private static long Offset(ReadOnlySpan<byte> text, long line, long byteInLine)
    {
        var start = 0;
        for (; line > 0; line--)
            start += text[start..].IndexOf((byte)'\n') + 1;
        return start + byteInLine;
    }

    /// <summary>
    /// Python writes NaN, Infinity and -Infinity as bare words, which JSON forbids. Each is overwritten by a 0 of the
    /// same length (blanks pad it), so that offsets stay, and noted by its offset.
    /// </summary>
    private static Dictionary<long, double> BlankLiterals(Span<byte> text)
    {
        var literals = new Dictionary<long, double>();
        var inString = false;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '"')
                inString = !inString;
            else if (inString)
                i += text[i] == '\\' ? 1 : 0;
            else if (text[i] is (byte)'N' or (byte)'I' or (byte)'-' && (i == 0 || text[i - 1] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n' or (byte)'[' or (byte)',' or (byte)':'))
            {
                var (length, value) =
                    text[i..].StartsWith("NaN"u8) ? (3, double.NaN) :
                    text[i..].StartsWith("Infinity"u8) ? (8, double.PositiveInfinity) :
                    text[i..].StartsWith("-Infinity"u8) ? (9, double.NegativeInfinity) : (0, 0);
                if (length == 0)
                    continue;
                literals[i] = value;
                text.Slice(i, length).Fill((byte)' ');
                text[i] = (byte)'0';
                i += length - 1;
            }
        }

        return literals;
    }

    private StatisticsCollection Root()
    {
        Next(JsonTokenType.StartObject, "$", "an object");
        StatisticsCollection result;
        if (IsFlat(_json))
            result = new StatisticsCollection(Dataset("$"));
        else
        {
            var datasets = new Dictionary<string, DatasetStatistics>();
            while (NextProperty(out var name))
            {
                var path = $"$.{name}";
                Next(JsonTokenType.StartObject, path, "a dataset's statistics");
                if (!datasets.TryAdd(name, Dataset(path)))
                    throw Problem($"{path} stands here for the second time");
            }

            result = new StatisticsCollection(datasets);
        }

        return _json.Read() ? throw Problem("text after the end") : result;
    }

    // One dataset's statistics without its name: "action" holds arrays, not features. Works on a copy of the reader.
    private static bool IsFlat(Utf8JsonReader json)
    {
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var isAction = json.ValueTextEquals(DatasetStatistics.ActionName);
            json.Read();
            if (isAction && json.TokenType == JsonTokenType.StartObject)
                return json.Read() && json.TokenType == JsonTokenType.PropertyName && json.Read() && json.TokenType == JsonTokenType.StartArray;
            json.Skip();
        }

        return false;
    }

    private DatasetStatistics Dataset(string path)
    {
        var features = new Dictionary<string, FeatureStatistics>();
        long? transitions = null, trajectories = null;
        while (NextProperty(out var name))
        {
            _json.Read();
            if (name is "num_transitions" or "num_trajectories")
            {
                if (_json.TokenType != JsonTokenType.Number || !_json.TryGetInt64(out var count) || count < 0)
                    throw Expected($"{path}.{name}", "a count");
                if (name == "num_transitions")
                    transitions = count;
                else
                    trajectories = count;
            }
            else if (_json.TokenType == JsonTokenType.StartObject)
            {
                if (!features.TryAdd(name, Feature($"{path}.{name}")))
                    throw Problem($"{path}.{name} stands here for the second time");
            }
            else
                _json.Skip();
        }

        return new DatasetStatistics(features, transitions, trajectories);
    }

    private FeatureStatistics Feature(string path)
    {
        var arrays = new Dictionary<string, (double[] Values, int Rows)>();
        bool[]? mask = null;
        while (NextProperty(out var name))
        {
            if (name is "mean" or "std" or "min" or "max" or "p01" or "p99")
            {
                if (!arrays.TryAdd(name, Numbers($"{path}.{name}")))
                    throw Problem($"{path}.{name} stands here for the second time");
            }
            else if (name == "mask")
                mask = Booleans($"{path}.{name}");
            else
            {
                _json.Read();
                _json.Skip();
            }
        }

        if (!arrays.TryGetValue("mean", out var mean) || !arrays.TryGetValue("std", out var std))
            throw Problem($"{path}: expected mean and std, found {(arrays.Count == 0 ? "neither" : string.Join(", ", arrays.Keys))}");
        foreach (var (name, array) in arrays)
        {
            if (array.Rows != mean.Rows || array.Values.Length != mean.Values.Length)
                throw Problem($"{path}.{name}: expected {Shape(mean)} values, as the mean has, found {Shape(array)}");
        }

        var dimension = mean.Values.Length / mean.Rows;
        if (mask is not null && mask.Length != dimension)
            throw Problem($"{path}.mask: expected {dimension} values, as the mean has, found {mask.Length}");
        return new FeatureStatistics(mean.Values, std.Values, mean.Rows)
        {
            Min = Optional("min"),
            Max = Optional("max"),
            P01 = Optional("p01"),
            P99 = Optional("p99"),
            Mask = mask,
        };

        double[]? Optional(string name) => arrays.TryGetValue(name, out var array) ? array.Values : null;
        static string Shape((double[] Values, int Rows) array) => array.Rows == 1 ? $"{array.Values.Length}" : $"{array.Rows}×{array.Values.Length / array.Rows}";
    }

    private (double[] Values, int Rows) Numbers(string path)
    {
        Next(JsonTokenType.StartArray, path, "a list of numbers");
        var values = new List<double>();
        var (rows, width) = (0, -1);
        while (NextItem())
        {
            if (_json.TokenType == JsonTokenType.StartArray)
            {
                if (rows == 0 && values.Count > 0)
                    throw Expected($"{path}[{values.Count}]", "a number");
                var before = values.Count;
                while (NextItem())
                    values.Add(Number($"{path}[{rows}][{values.Count - before}]"));
                if (width >= 0 && values.Count - before != width)
                    throw Problem($"{path}[{rows}]: expected {width} numbers, as the first row has, found {values.Count - before}");
                width = values.Count - before;
                rows++;
            }
            else if (rows > 0)
                throw Expected($"{path}[{rows}]", "a list of numbers");
            else
                values.Add(Number($"{path}[{values.Count}]"));
        }

        if (values.Count == 0)
            throw Problem($"{path}: expected at least one number, found none");
        return ([.. values], Math.Max(rows, 1));
    }

    private double Number(string path)
    {
        if (_json.TokenType != JsonTokenType.Number)
            throw Expected(path, "a number");
        return _literals.TryGetValue(_json.TokenStartIndex, out var value) ? value : _json.GetDouble();
    }

    private bool[] Booleans(string path)
    {
        Next(JsonTokenType.StartArray, path, "a list of true and false");
        var values = new List<bool>();
        while (NextItem())
        {
            values.Add(_json.TokenType switch
            {
                JsonTokenType.True => true,
                JsonTokenType.False => false,
                _ => throw Expected($"{path}[{values.Count}]", "true or false"),
            });
        }

        return [.. values];
    }

    private void Next(JsonTokenType type, string path, string expected)
    {
        if (!_json.Read() || _json.TokenType != type)
            throw Expected(path, expected);
    }

    private bool NextProperty(out string name)
    {
        _json.Read();
        name = _json.TokenType == JsonTokenType.PropertyName ? _json.GetString()! : "";
        return _json.TokenType == JsonTokenType.PropertyName;
    }

    private bool NextItem() => _json.Read() && _json.TokenType != JsonTokenType.EndArray;

    private readonly CorruptFileException Expected(string path, string expected) => Problem($"{path}: expected {expected}, found {_json.TokenType switch
    {
        JsonTokenType.None => "the end of the file",
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "a list",
        JsonTokenType.String => "a text",
        JsonTokenType.Number => "a number",
        JsonTokenType.Null => "null",
        var other => other.ToString(),
    }}");

    private readonly CorruptFileException Problem(string problem) => new(_file, _json.TokenStartIndex, problem);
}
