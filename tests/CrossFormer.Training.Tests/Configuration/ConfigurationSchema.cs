using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Xml.Linq;
using CrossFormer.Training.Configuration;

namespace CrossFormer.Training.Tests.Configuration;

/// <summary>The JSON schema of training configurations for editors, from the records and their documentation.</summary>
internal static class ConfigurationSchema
{
    private static readonly Dictionary<string, string> Summaries = XDocument
        .Load(Path.ChangeExtension(typeof(TrainingConfiguration).Assembly.Location, ".xml"))
        .Descendants("member")
        .Where(m => m.Element("summary") is not null)
        .ToDictionary(m => m.Attribute("name")!.Value, m => Text(m.Element("summary")!));

    public static string Create()
    {
        var schema = (JsonObject)ConfigurationFile.Options.GetJsonSchemaAsNode(typeof(TrainingConfiguration), new JsonSchemaExporterOptions { TransformSchemaNode = Annotate });
        schema.Insert(0, "title", "CrossFormer training configuration");
        return schema.ToJsonString(ConfigurationFile.Options) + "\n";
    }

    public static string? Summary(MemberInfo member) => Summaries.GetValueOrDefault($"P:{member.DeclaringType!.FullName}.{member.Name}");

    private static JsonNode Annotate(JsonSchemaExporterContext context, JsonNode node)
    {
        // A plain number is accepted too.
        if (node is JsonObject && context.TypeInfo.Type == typeof(LearningRateConfiguration))
            node = new JsonObject { ["anyOf"] = new JsonArray(new JsonObject { ["type"] = "number" }, node) };
        if (node is not JsonObject schema || context.PropertyInfo?.AttributeProvider is not MemberInfo member)
            return node;
        if (Summary(member) is { } summary)
            schema.Insert(0, "description", summary);
        if (member.GetCustomAttribute<RangeAttribute>() is { } range)
            (schema["minimum"], schema["maximum"]) = (JsonValue.Create(System.Convert.ToDouble(range.Minimum)), JsonValue.Create(System.Convert.ToDouble(range.Maximum)));
        return schema;
    }

    private static string Text(XElement summary) =>
        string.Join(' ', string.Concat(summary.Nodes().Select(n => n is XElement { Name.LocalName: "see" } see ? see.Attribute("cref")!.Value.Split('.')[^1] : n is XElement e ? e.Value : ((XText)n).Value))
            .Split(default(char[]), StringSplitOptions.RemoveEmptyEntries));
}
