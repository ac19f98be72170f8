using System.Text.Json.Nodes;

namespace CrossFormer.Configuration;

/// <summary>How the reference's <c>config.json</c> names a module: Python module, class, keyword arguments (reference: utils/spec.py).</summary>
/// <param name="Module">Python module, for example <c>crossformer.model.components.tokenizers</c>. Only ever looked up in <see cref="ModuleTable"/>.</param>
/// <param name="Name">Class name.</param>
/// <param name="Kwargs">Keyword arguments.</param>
internal sealed record ModuleSpec(string Module, string Name, JsonObject Kwargs)
{
    public static (ModuleSpec Spec, string Path) Read(JsonNode? node, string path)
    {
        var reader = new SpecReader(node, path);
        var (module, name) = (reader.Text("module"), reader.Text("name"));
        if (reader.Node("args") is JsonArray { Count: > 0 })
            throw new ConfigurationException($"{path}.args", "positional arguments are not supported; write them as kwargs");
        var kwargs = reader.Node("kwargs") is { } k ? k as JsonObject ?? throw new ConfigurationException($"{path}.kwargs", "expected an object") : [];
        reader.Finish();
        return (new ModuleSpec(module, name, kwargs), path);
    }

    public JsonObject ToJson() => new()
    {
        ["module"] = Module,
        ["name"] = Name,
        ["args"] = new JsonArray(),
        ["kwargs"] = Kwargs.DeepClone(),
    };
}
