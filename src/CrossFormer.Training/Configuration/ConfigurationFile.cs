using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using CrossFormer.Configuration;

namespace CrossFormer.Training.Configuration;

/// <summary>
/// Reads a training configuration. The records say everything: names, kinds, which fields must be there, ranges. Whatever is
/// unknown or wrong is refused with its JSON path, what was expected and what was found.
/// </summary>
public static class ConfigurationFile
{
    /// <summary>How the records stand in JSON.</summary>
    public static JsonSerializerOptions Options { get; } = CreateOptions();

    /// <summary>Reads a file.</summary>
    /// <param name="path">JSON with comments and trailing commas.</param>
    /// <param name="overrides">Each <c>a.b=value</c>: the value is JSON, or else a text. Objects on the way are made.</param>
    /// <exception cref="ConfigurationException">A field is missing, unknown or wrong; with its JSON path.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static TrainingConfiguration Read(string path, IEnumerable<string>? overrides = null)
    {
        var configuration = Parse(File.ReadAllText(path), path, overrides);
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        return configuration with
        {
            TextEncoder = configuration.TextEncoder is { Path: { } file } encoder ? encoder with { Path = Path.Combine(folder, file) } : configuration.TextEncoder,
            Data = configuration.Data with
            {
                DatasetFiles = [.. configuration.Data.DatasetFiles.Select(f => Path.Combine(folder, f))],
                Paraphrases = configuration.Data.Paraphrases is { } paraphrases ? Path.Combine(folder, paraphrases) : null,
            },
        };
    }

    /// <summary>As <see cref="Read"/>, from the file's text.</summary>
    /// <param name="json">The text.</param>
    /// <param name="file">What to call it in errors.</param>
    /// <param name="overrides">See <see cref="Read"/>.</param>
    /// <exception cref="ConfigurationException">A field is missing, unknown or wrong; with its JSON path.</exception>
    public static TrainingConfiguration Parse(string json, string file, IEnumerable<string>? overrides = null)
    {
        JsonObject root;
        try
        {
            root = JsonNode.Parse(json, documentOptions: new JsonDocumentOptions
            {
                CommentHandling = JsonCommentHandling.Skip,
                AllowTrailingCommas = true,
                AllowDuplicateProperties = false,
            }) as JsonObject ?? throw new ConfigurationException("$", $"{file}: expected an object");
        }
        catch (JsonException e)
        {
            throw new ConfigurationException("$", $"{file} is no JSON: {e.Message}", e);
        }

        foreach (var change in overrides ?? [])
            Override(root, change);
        NameConstantRate(root);
        Check(root, Options.GetTypeInfo(typeof(TrainingConfiguration)), null, "$");
        var configuration = Convert(root, "$");
        CheckTogether(configuration);
        return configuration;
    }

    /// <summary>The configuration as the JSON that <see cref="Parse"/> reads.</summary>
    public static string Write(TrainingConfiguration configuration) => JsonSerializer.Serialize(configuration, Options);

    private static JsonSerializerOptions CreateOptions()
    {
        var options = new JsonSerializerOptions
        {
            PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
            DictionaryKeyPolicy = null,
            UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
            RespectNullableAnnotations = true,
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            WriteIndented = true,
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
            Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) },
        };
        options.MakeReadOnly();
        return options;
    }

    private static void Override(JsonObject root, string change)
    {
        var at = change.IndexOf('=', StringComparison.Ordinal);
        if (at <= 0)
            throw new ConfigurationException("$", $"expected a change of the form a.b=value, found '{change}'");
        var names = change[..at].Split('.');
        var target = root;
        for (var i = 0; i < names.Length - 1; i++)
        {
            if (target[names[i]] is null)
                target[names[i]] = new JsonObject();
            target = target[names[i]] as JsonObject
                ?? throw new ConfigurationException($"$.{string.Join('.', names[..(i + 1)])}", $"'{change}' goes into it, but it is no object");
        }

        target[names[^1]] = ParseValue(change[(at + 1)..]);
    }

    // A plain number as learning rate crashes the reference; here it is the constant that was meant.
    private static void NameConstantRate(JsonObject root)
    {
        if (root["optimizer"] is JsonObject optimizer && optimizer["learning_rate"] is JsonValue rate && rate.GetValueKind() == JsonValueKind.Number)
            optimizer["learning_rate"] = new JsonObject { ["name"] = "constant", ["init_value"] = rate.DeepClone(), ["peak_value"] = rate.DeepClone() };
    }

    // true, 3e-4, [1, 2] and {"a": 1} are what they look like; the rest is text, so that paths need no quotes.
    private static JsonNode? ParseValue(string text)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return JsonValue.Create(text);
        }
    }

    private static TrainingConfiguration Convert(JsonObject root, string path)
    {
        try
        {
            return root.Deserialize<TrainingConfiguration>(Options)!;
        }
        catch (JsonException e)
        {
            throw new ConfigurationException(e.Path ?? path, e.Message, e);
        }
    }

    // The serializer stops at a wrong value, but knows neither what was meant nor what else a field could be called.
    private static void Check(JsonNode? node, JsonTypeInfo type, ICustomAttributeProvider? attributes, string path)
    {
        if (node is null)
            return;
        switch (type.Kind)
        {
            case JsonTypeInfoKind.Object:
                CheckObject(node as JsonObject ?? throw Expected("an object", node, path), type, path);
                break;
            case JsonTypeInfoKind.Dictionary when type.Type != typeof(JsonObject):
                foreach (var (name, value) in node as JsonObject ?? throw Expected("an object", node, path))
                    Check(value, Options.GetTypeInfo(type.ElementType!), null, $"{path}.{name}");
                break;
            case JsonTypeInfoKind.Enumerable:
                var list = node as JsonArray ?? throw Expected("a list", node, path);
                for (var i = 0; i < list.Count; i++)
                    Check(list[i], Options.GetTypeInfo(type.ElementType!), null, $"{path}[{i}]");
                break;
            default:
                CheckValue(node, type, path);
                break;
        }

        CheckRange(node, type, attributes, path);
    }

    private static void CheckObject(JsonObject node, JsonTypeInfo type, string path)
    {
        foreach (var (name, value) in node)
        {
            var property = type.Properties.FirstOrDefault(p => p.Name == name)
                ?? throw new ConfigurationException($"{path}.{name}", $"unknown field; known here: {string.Join(", ", type.Properties.Select(p => p.Name).Order(StringComparer.Ordinal))}");
            if (value is null && !property.IsSetNullable)
                throw new ConfigurationException($"{path}.{name}", $"expected {Describe(property.PropertyType)}, found null");
            Check(value, Options.GetTypeInfo(property.PropertyType), property.AttributeProvider, $"{path}.{name}");
        }

        foreach (var property in type.Properties.Where(p => p.IsRequired && !node.ContainsKey(p.Name)))
            throw new ConfigurationException($"{path}.{property.Name}", $"missing: expected {Describe(property.PropertyType)}");
    }

    private static void CheckValue(JsonNode node, JsonTypeInfo type, string path)
    {
        try
        {
            _ = node.Deserialize(type);
        }
        catch (JsonException)
        {
            throw Expected(Describe(type.Type), node, path);
        }
    }

    private static void CheckRange(JsonNode node, JsonTypeInfo type, ICustomAttributeProvider? attributes, string path)
    {
        foreach (var rule in attributes?.GetCustomAttributes(typeof(ValidationAttribute), false).Cast<ValidationAttribute>() ?? [])
        {
            if (rule is RangeAttribute range && node is JsonValue && !range.IsValid(node.Deserialize(type)))
                throw Expected($"{Describe(type.Type)} from {range.Minimum} to {range.Maximum}", node, path);
            if (rule is LengthAttribute length && node is JsonArray list && list.Count != length.MaximumLength)
                throw Expected($"a list of {length.MaximumLength}", node, path);
            if (rule is MinLengthAttribute least && (node is JsonArray { Count: 0 } || (node is JsonValue && node.Deserialize(type) is string { Length: 0 })))
                throw Expected(node is JsonArray ? $"a list of at least {least.Length}" : "a text that is not empty", node, path);
        }
    }

    // What no single field can say.
    private static void CheckTogether(TrainingConfiguration configuration)
    {
        if (configuration.Model is null == configuration.Finetune is null)
            throw new ConfigurationException("$", "expected exactly one of 'model' (pre-training) and 'finetune'");
        if (configuration.Data.Mixture is null == configuration.Data.Datasets is null)
            throw new ConfigurationException("$.data", "expected exactly one of 'mixture' (a named one) and 'datasets' (names and weights)");
        if (configuration.Data.ImageDropoutKeep is { } kept)
            CheckView(kept, "$.data.image_dropout_keep");
        foreach (var (view, image) in configuration.Data.Images)
        {
            CheckView(view, $"$.data.images.{view}");
            for (var i = 0; i < image.Augmentations.Count; i++)
            {
                try
                {
                    _ = image.Augmentations[i].ToAugmentation();
                }
                catch (FormatException e)
                {
                    throw new ConfigurationException($"$.data.images.{view}.augmentations[{i}]", e.Message, e);
                }
            }
        }

        void CheckView(string view, string path)
        {
            if (!configuration.Data.Views.Contains(view))
                throw new ConfigurationException(path, $"no view '{view}' in data.views: {string.Join(", ", configuration.Data.Views)}");
        }
    }

    private static string Describe(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type switch
        {
            { IsEnum: true } => $"one of {string.Join(", ", Enum.GetValues(type).Cast<object>().Select(v => JsonSerializer.Serialize(v, type, Options).Trim('"')))}",
            _ when type == typeof(string) => "a text",
            _ when type == typeof(bool) => "true or false",
            _ when type == typeof(int) => "a whole number",
            _ when type == typeof(ulong) => "a whole number of at least 0",
            _ when type == typeof(double) || type == typeof(float) => "a number",
            _ when type == typeof(LearningRateConfiguration) => "a learning rate: a number, or an object with 'name' and 'peak_value'",
            _ when type != typeof(JsonObject) && typeof(System.Collections.IEnumerable).IsAssignableFrom(type) => "a list",
            _ => "an object",
        };
    }

    private static ConfigurationException Expected(string expected, JsonNode found, string path)
    {
        var text = found.ToJsonString();
        return new ConfigurationException(path, $"expected {expected}, found {(text.Length <= 60 ? text : text[..60] + "…")}");
    }
}
