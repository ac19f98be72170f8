using System.Text.Json;

namespace CrossFormer.Statistics;

/// <summary><see cref="StatisticsCollection"/> to JSON as Python's json module would write it.</summary>
internal static class StatisticsWriter
{
    public static void Write(StatisticsCollection statistics, Stream stream)
    {
        using var json = new Utf8JsonWriter(stream);
        if (statistics.Unnamed is { } only)
        {
            Write(json, only);
            return;
        }

        json.WriteStartObject();
        foreach (var (name, dataset) in statistics.Datasets)
        {
            json.WritePropertyName(name);
            Write(json, dataset);
        }

        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, DatasetStatistics dataset)
    {
        json.WriteStartObject();
        foreach (var (name, feature) in dataset.Features)
        {
            json.WriteStartObject(name);
            Write(json, "mean", feature.Mean, feature);
            Write(json, "std", feature.Std, feature);
            Write(json, "max", feature.Max, feature);
            Write(json, "min", feature.Min, feature);
            Write(json, "p99", feature.P99, feature);
            Write(json, "p01", feature.P01, feature);
            if (feature.Mask is { } mask)
            {
                json.WriteStartArray("mask");
                foreach (var used in mask)
                    json.WriteBooleanValue(used);
                json.WriteEndArray();
            }

            json.WriteEndObject();
        }

        if (dataset.NumTransitions is { } transitions)
            json.WriteNumber("num_transitions", transitions);
        if (dataset.NumTrajectories is { } trajectories)
            json.WriteNumber("num_trajectories", trajectories);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, double[]? values, FeatureStatistics feature)
    {
        if (values is null)
            return;
        json.WriteStartArray(name);
        for (var row = 0; row < feature.Rows; row++)
        {
            if (feature.Rows > 1)
                json.WriteStartArray();
            foreach (var value in values.AsSpan(row * feature.Dimension, feature.Dimension))
                json.WriteRawValue(Text(value), skipInputValidation: true);
            if (feature.Rows > 1)
                json.WriteEndArray();
        }

        json.WriteEndArray();
    }

    // The shortest text that reads back as the same number; never an integer, for numpy would make an integer array of it.
    private static string Text(double value)
    {
        if (double.IsNaN(value))
            return "NaN";
        if (double.IsInfinity(value))
            return value > 0 ? "Infinity" : "-Infinity";
        var text = value.ToString("R");
        return text.AsSpan().IndexOfAny('.', 'E') < 0 ? text + ".0" : text;
    }
}
