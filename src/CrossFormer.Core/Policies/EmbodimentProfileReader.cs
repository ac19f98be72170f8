using System.Text.Json;
using CrossFormer.Statistics;

namespace CrossFormer.Policies;

/// <summary>JSON to <see cref="EmbodimentProfile"/>. Strict: a misspelt limit must not silently become no limit.</summary>
internal static class EmbodimentProfileReader
{
    private const int MaxPixels = 8192;
    private const int MaxDimension = 4096;

    public static EmbodimentProfile Read(ReadOnlyMemory<byte> utf8, string file)
    {
        try
        {
            using var document = JsonDocument.Parse(
                utf8.Span.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]) ? utf8[3..] : utf8,
                new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, AllowDuplicateProperties = false });
            return Profile(new JsonFields(document.RootElement, "$", file));
        }
        catch (JsonException e)
        {
            throw new EmbodimentProfileException(file, e.Path ?? "$", $"not a valid JSON text ({e.Message})", e);
        }
        catch (InvalidOperationException e)
        {
            // What System.Text.Json says to half a surrogate pair in an escaped text.
            throw new EmbodimentProfileException(file, "$", $"not a valid JSON text ({e.Message})", e);
        }
    }

    private static EmbodimentProfile Profile(JsonFields f)
    {
        var profile = new EmbodimentProfile
        {
            Name = f.Text("name"),
            Head = f.Text("head"),
            Cameras = f.List("cameras", required: false, Camera),
            Proprioception = f.List("proprioception", required: false, Proprioception),
            Statistics = f.Text("statistics"),
            ActionNormalization = NormalizationOf(f, "action_normalization"),
            Actions = f.List("actions", required: true, Action),
            ControlRate = f.Number("control_rate", null, positive: true),
            Window = f.Integer("window", missing: 5, 1, 1000),
            WindowPadding = f.Choice<WindowPadding>("window_padding", WindowPadding.RepeatFirst, ("repeat_first", WindowPadding.RepeatFirst), ("grow", WindowPadding.Grow)),
            Execution = f.Object("execution", Execution) ?? new ExecutionOptions(),
        };
        f.RefuseUnknown();
        if (profile.Cameras.Count + profile.Proprioception.Count == 0)
            throw f.Problem("", "expected at least one entry in cameras or proprioception, found none");
        if (profile.Actions.Count == 0)
            throw f.Problem(".actions", "expected at least one action dimension, found none");
        if (profile.ControlRate is < 1e-3 or > 1e3)
            throw f.Problem(".control_rate", $"expected 0.001 to 1000 Hz, found {profile.ControlRate}");
        RefuseDuplicates(f, "cameras", "key", profile.Cameras.Select(c => c.Key));
        RefuseDuplicates(f, "proprioception", "key", profile.Proprioception.Select(p => p.Key));
        RefuseDuplicates(f, "actions", "name", profile.Actions.Select(a => a.Name));
        return profile;
    }

    private static CameraInput Camera(JsonFields f)
    {
        var key = f.Text("key");
        if (!Observation.IsImage(key))
            throw f.Problem(".key", $"expected a camera's observation key, such as \"image_primary\", found \"{key}\"");
        return new CameraInput(key, f.Text("source"), f.Integer("height", null, 1, MaxPixels), f.Integer("width", null, 1, MaxPixels));
    }

    private static ProprioceptionInput Proprioception(JsonFields f)
    {
        var key = f.Text("key");
        if (Observation.IsImage(key))
            throw f.Problem(".key", $"expected a key that does not begin with \"{Observation.ImagePrefix}\", found \"{key}\"");
        return new ProprioceptionInput(key, f.Integer("dimension", null, 1, MaxDimension), NormalizationOf(f, "normalization"));
    }

    private static ActionDimension Action(JsonFields f)
    {
        var action = new ActionDimension(
            f.Text("name"),
            f.Text("unit"),
            f.Choice<ActionKind>("kind", null, ("absolute", ActionKind.Absolute), ("delta", ActionKind.Delta)),
            f.Single("minimum", positive: false),
            f.Single("maximum", positive: false),
            f.Single("max_velocity", positive: true),
            f.Object("hysteresis", h => new Hysteresis((float)h.Number("low", null, positive: false), (float)h.Number("high", null, positive: false))));
        if (action.Minimum > action.Maximum)
            throw f.Problem(".minimum", $"expected at most the maximum, {action.Maximum}, found {action.Minimum}");
        if (action.Hysteresis is { } hysteresis && !hysteresis.Fits(action.Minimum, action.Maximum))
            throw f.Problem(".hysteresis", $"expected minimum, low, high, maximum in this order, found {action.Minimum}, {hysteresis.Low}, {hysteresis.High}, {action.Maximum}");
        return action;
    }

    private static ExecutionOptions Execution(JsonFields f)
    {
        var options = new ExecutionOptions(
            f.Choice<ExecutionStrategyKind>(
                "strategy",
                null,
                ("whole_chunk", ExecutionStrategyKind.WholeChunk),
                ("receding_horizon", ExecutionStrategyKind.RecedingHorizon),
                ("temporal_ensembling", ExecutionStrategyKind.TemporalEnsembling)));
        // Only the strategy's own parameters are asked for, so another strategy's is an unknown field.
        return options.Strategy switch
        {
            ExecutionStrategyKind.RecedingHorizon => options with { Steps = f.Integer("steps", null, 1, int.MaxValue) },
            ExecutionStrategyKind.TemporalEnsembling => options with { Weight = f.Number("weight", 0, positive: false) },
            _ => options,
        };
    }

    private static Normalization NormalizationOf(JsonFields f, string field) => f.Choice<Normalization>(
        field, null, ("none", Normalization.None), ("normal", Normalization.Normal), ("bounds", Normalization.Bounds));

    private static void RefuseDuplicates(JsonFields f, string list, string field, IEnumerable<string> names)
    {
        var (seen, index) = (new HashSet<string>(), 0);
        foreach (var name in names)
        {
            if (!seen.Add(name))
                throw f.Problem($".{list}[{index}].{field}", $"\"{name}\" stands here for the second time");
            index++;
        }
    }
}
