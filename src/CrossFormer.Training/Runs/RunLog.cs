using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using CrossFormer.Formats;

namespace CrossFormer.Training.Runs;

/// <summary>The log of a run as JSON lines: one object a line, each with its <c>step</c>.</summary>
internal sealed class RunLog : IDisposable
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    private readonly FileStream _file;

    /// <summary>Opens the log; lines of steps after <paramref name="step"/>, which a resumed run does again, are dropped.</summary>
    public RunLog(string path, int step)
    {
        if (File.Exists(path))
        {
            var kept = Read(path).Where(l => l.Step <= step).Select(l => JsonSerializer.Serialize(l, Options) + "\n");
            AtomicFile.Write(path, System.Text.Encoding.UTF8.GetBytes(string.Concat(kept)));
        }

        // Without a buffer: what a full disk refuses is not tried again when the file is closed, where it would hide the reason.
        _file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
    }

    public void Write(LogLine line) => _file.Write([.. JsonSerializer.SerializeToUtf8Bytes(line, Options), (byte)'\n']);

    public void Dispose() => _file.Dispose();

    /// <summary>The lines of a log. A last line that a crash cut short is passed over.</summary>
    public static IReadOnlyList<LogLine> Read(string path)
    {
        var lines = new List<LogLine>();
        foreach (var text in File.ReadLines(path))
        {
            try
            {
                if (JsonSerializer.Deserialize<LogLine>(text, Options) is { } line)
                    lines.Add(line);
            }
            catch (JsonException)
            {
                break;
            }
        }

        return lines;
    }
}

/// <summary>One line of the log: losses are means over the steps since the line before; rate and norms are the last step's, as the reference logs them.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Loss">What is minimised.</param>
/// <param name="Heads">Each head's loss over the batches that had samples of it.</param>
/// <param name="LearningRate">At this step.</param>
/// <param name="GradientNorm">Before clipping.</param>
/// <param name="UpdateNorm">What was added to the parameters.</param>
/// <param name="ParameterNorm">Trainable parameters, before the update.</param>
/// <param name="SamplesPerSecond">Without validation and checkpoints.</param>
/// <param name="DataShare">Share of the time spent waiting for data.</param>
/// <param name="Validation">Losses on validation episodes, when this step was validated.</param>
internal sealed record LogLine(
    int Step, double Loss, IReadOnlyDictionary<string, double> Heads, double LearningRate, double GradientNorm, double UpdateNorm,
    double ParameterNorm, double SamplesPerSecond, double DataShare, IReadOnlyList<ValidationResult>? Validation)
{
    /// <summary>The line's numbers under TensorBoard's tags, which are those that the reference logs under.</summary>
    public IEnumerable<(string Tag, double Value)> ToScalars() =>
    [
        ("training/loss", Loss),
        .. Heads.Select(h => ($"training/{h.Key}/loss", h.Value)),
        ("training/learning_rate", LearningRate),
        ("training/grad_norm", GradientNorm),
        ("training/update_norm", UpdateNorm),
        ("training/param_norm", ParameterNorm),
        ("timer/samples_per_s", SamplesPerSecond),
        ("timer/data_share", DataShare),
        .. (Validation ?? []).SelectMany(v => new[]
        {
            (Tag(v, "loss"), v.Loss),
            (Tag(v, "mse"), v.Mse),
            (Tag(v, "lsign"), v.SignError),
        }),
    ];

    private static string Tag(ValidationResult v, string metric) =>
        $"validation_{v.Dataset}/{JsonNamingPolicy.SnakeCaseLower.ConvertName(v.Mode.ToString())}/{v.Head}/{metric}";
}
