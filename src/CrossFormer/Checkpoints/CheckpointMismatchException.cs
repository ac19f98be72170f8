using CrossFormer.Parameters;

namespace CrossFormer.Checkpoints;

/// <summary>A checkpoint's parameters are not those of the model that its configuration describes.</summary>
public sealed class CheckpointMismatchException : Exception
{
    /// <summary>Says how many parameters are missing or of another shape, and names the first of them.</summary>
    public CheckpointMismatchException(string checkpoint, MergeReport report)
        : base($"{checkpoint}: the parameters do not fit config.json and example_batch.msgpack. {report}. " + First("Missing", report.Missing) + First("Of another shape", report.Reshaped)) =>
        Report = report;

    /// <summary>What fits and what does not.</summary>
    public MergeReport Report { get; }

    private static string First(string label, IReadOnlyList<string> names) =>
        names.Count == 0 ? "" : $"{label}: {string.Join("; ", names.Take(3))}{(names.Count > 3 ? $" and {names.Count - 3} more" : "")}. ";
}
