using System.Text.Json.Nodes;
using CrossFormer.Data.OpenX;
using CrossFormer.Statistics;
using CrossFormer.Testing;

namespace CrossFormer.Data.Tests.OpenX;

/// <summary>
/// The registry says field by field what the reference's configurations say. Ours are written back in the reference's form
/// and compared whole, so that a field nobody thought of is a failure; what is meant to differ is taken out by name.
/// </summary>
[Trait(Goldens.Category, Goldens.Reference)]
public sealed class ConfigurationGoldenTests
{
    // Entries whose views bear older names: with the published views the reference refuses them.
    private const string OldViewsError = "since they are not available";

    public static TheoryData<string> Names => [.. OpenXDatasets.All.Select(d => d.Name)];

    private static JsonNode Configs => Goldens.Json("transforms", "configs.json");

    [Fact]
    public void Registry_HasTheReferences72Datasets()
    {
        Assert.Equal(Configs["datasets"]!.AsObject().Select(d => d.Key).Order(StringComparer.Ordinal), OpenXDatasets.All.Select(d => d.Name).Order(StringComparer.Ordinal));
        Assert.Equal(72, OpenXDatasets.All.Count);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Entry_SaysWhatTheReferenceSays(string name)
    {
        var expected = Configs["datasets"]![name]!.DeepClone().AsObject();
        // A line of the reference's source, and what it makes of the entry: the next two tests.
        foreach (var field in (ReadOnlySpan<string>)["standardize_line", "kwargs_pretrain", "kwargs_primary_only"])
            Assert.True(expected.Remove(field));
        var ours = OpenXDatasets.Get(name);
        var actual = Common(ours.Images, ours.Transform, ours.ReferenceFunction, ours.ActionMask, ours.Overrides, ours.Filter);
        actual["depth_obs_keys"] = Views(ours.Depth);
        actual["proprio_encoding"] = Encoding(ours.ProprioceptionEncoding.ReferenceName(), (int)ours.ProprioceptionEncoding);
        actual["action_encoding"] = Encoding(ours.ActionEncoding!.Value.ReferenceName(), (int)ours.ActionEncoding.Value);
        actual["heads"] = ours.Head is null ? [] : new JsonArray(ours.Head);
        actual["in_cross_embodiment"] = OpenXMixtures.CrossEmbodiment.Datasets.Any(d => d.Key == name);
        // Deviation: the older entries name no proprioception, though their transforms make one. Ours do.
        if (ours.HasOldViews)
            Assert.Equal([new ProprioceptionSource("primary", "proprio", 0)], ours.Proprioception);
        else
            AddProprioception(actual, ours.Proprioception);
        AssertEqual(expected, actual);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Resolved_ForPretraining_IsTheReferences(string name)
    {
        var expected = Configs["datasets"]![name]!["kwargs_pretrain"]!.AsObject();
        var (entry, resolved) = (OpenXDatasets.Get(name), OpenXDatasets.Get(name).Resolve());
        if (expected["error"] is { } error)
        {
            // Deviation: every entry resolves; the views' older names are translated.
            Assert.Contains(OldViewsError, (string)error!);
            Assert.True(entry.HasOldViews);
            AssertTranslated(entry, resolved);
            return;
        }

        Assert.False(entry.HasOldViews);
        AssertEqual(expected, Resolved(resolved));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Resolved_ByTheDefaults_IsTheReferences(string name)
    {
        var expected = Configs["datasets"]![name]!["kwargs_primary_only"]!.DeepClone().AsObject();
        // Deviation: without proprioception the reference still passes its dimensions on, for it deletes a key that is spelt otherwise.
        Assert.Equal(!OpenXDatasets.Get(name).HasOldViews, expected.Remove("proprio_obs_dims"));
        AssertEqual(expected, Resolved(OpenXDatasets.Get(name).Resolve(new DatasetOptions { Views = ["primary"], Proprioception = false })));
    }

    [Fact]
    public void Encodings_HaveTheReferencesNumbersAndMasks()
    {
        foreach (var encoding in Enum.GetValues<ActionEncoding>())
            Assert.Equal((int)Configs["action_encoding"]![encoding.ReferenceName()]!, (int)encoding);
        foreach (var encoding in Enum.GetValues<ProprioceptionEncoding>())
            Assert.Equal((int)Configs["proprio_encoding"]![encoding.ReferenceName()]!, (int)encoding);
        Assert.Equal((Configs["action_encoding"]!.AsObject().Count, Configs["proprio_encoding"]!.AsObject().Count), (Enum.GetValues<ActionEncoding>().Length, Enum.GetValues<ProprioceptionEncoding>().Length));
        // None is ours: it leaves everything as it is.
        Assert.Equal(Configs["normalization_type"]!.AsObject().Select(n => (string)n.Value!), Enum.GetValues<Normalization>().Where(n => n != Normalization.None).Select(n => n.ToString().ToLowerInvariant()));
    }

    [Fact]
    public void Mixtures_HaveTheReferencesWeightsInItsOrder()
    {
        Assert.Equal(["cross_embodiment"], Configs["named_mixes"]!.AsObject().Select(m => m.Key));
        AssertMix(Configs["named_mixes"]!["cross_embodiment"]!, OpenXMixtures.Get("cross_embodiment"));
        AssertMix(Configs["mix_parts"]!["OXE_MAGIC_SOUP_BALANCED"]!, OpenXMixtures.Get("oxe_magic_soup_balanced"));
        AssertMix(Configs["mix_parts"]!["CROSS_EMBODIMENT_TARGET"]!, OpenXMixtures.Get("cross_embodiment_target"));
        Assert.Equal((2, 3), (Configs["mix_parts"]!.AsObject().Count, OpenXMixtures.All.Count));
        // As the reference loads it: all 31 datasets, the weights as they stand.
        var loaded = Configs["cross_embodiment_loaded"]!;
        Assert.Equal(loaded["names"]!.AsArray().Select(n => (string)n!), OpenXMixtures.CrossEmbodiment.Datasets.Select(d => d.Key));
        Assert.Equal(loaded["sample_weights"]!.AsArray().Select(w => (double)w!), OpenXMixtures.CrossEmbodiment.Datasets.Select(d => d.Value));
        Assert.Equal(loaded["weights"]!.AsArray().Select(w => (double)w!), OpenXMixtures.CrossEmbodiment.Datasets.Select(d => d.Value));

        static void AssertMix(JsonNode expected, Mixture mixture) =>
            Assert.Equal(expected.AsArray().Select(e => KeyValuePair.Create((string)e![0]!, (double)e[1]!)), mixture.Datasets);
    }

    [Fact]
    public void Heads_LearnFromTheReferencesDatasets()
    {
        var expected = Configs["head_to_dataset"]!.AsObject();
        Assert.Equal(expected.Select(h => h.Key).Order(), OpenXHeads.Datasets.Keys.Order());
        foreach (var (head, datasets) in expected)
        {
            // Deviation: one name has a comma in it and is no dataset's; the dataset that is meant stands there too.
            var names = datasets!.AsArray().Select(d => (string)d!).Where(d => !d.EndsWith(',')).ToHashSet();
            Assert.Equal(names.Order(), OpenXHeads.Datasets[head].Order());
        }

        Assert.Equal(["aloha_new_sushi_dataset,"], expected.SelectMany(h => h.Value!.AsArray()).Select(d => (string)d!).Where(d => d.EndsWith(',')));
        Assert.Equal(
            Configs["action_dims"]!.AsObject().ToDictionary(d => d.Key, d => (int)d.Value!),
            OpenXHeads.ActionDimensions.ToDictionary(d => $"{d.Key.ToUpperInvariant()}_ACTION_DIM", d => d.Value));
    }

    [Fact]
    public void WaypointSpacings_AreTheReferences()
    {
        Assert.Equal(Configs["metric_waypoint_spacing"]!.AsObject().Select(s => KeyValuePair.Create(s.Key, (double)s.Value!)), Waypoints.MetricSpacing);
        foreach (var (name, used) in Configs["metric_waypoint_spacing_used"]!.AsObject())
            Assert.Equal((double)used!, Waypoints.SpacingOf($"/data/{name}/traj_7"));
    }

    // Written out by hand from the older names' meaning, not by the code under test.
    private static void AssertTranslated(DatasetConfiguration entry, DatasetSpecification resolved)
    {
        var (old, now) = (entry.Images.ToDictionary(v => v.View, v => v.Source), resolved.Images.ToDictionary(v => v.View, v => v.Source));
        var twoArms = entry.Name.StartsWith("aloha_", StringComparison.Ordinal);
        Assert.Equal(["high", "left_wrist", "nav", "primary", "right_wrist"], now.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(old["primary"], now[twoArms ? "high" : "primary"]);
        Assert.Equal(old["wrist"], now["right_wrist"]);
        Assert.Equal(twoArms ? null : old["wrist"], now["left_wrist"]);
        Assert.Null(now["nav"]);
        Assert.Null(now[twoArms ? "primary" : "high"]);
        Assert.Equal([new("bimanual", twoArms ? "proprio" : null, 14), new("quadruped", null, 46)], resolved.Proprioception);
        Assert.Equal(entry.ActionMask, resolved.ActionMask);
    }

    private static JsonObject Resolved(DatasetSpecification ours)
    {
        var json = Common(ours.Images, ours.Transform, ours.ReferenceFunction, ours.ActionMask, ours.Overrides, ours.Filter);
        json["name"] = ours.Name;
        json["data_dir"] = "";
        json["language_key"] = ours.Language;
        json["action_proprio_normalization_type"] = ours.Normalization.ToString().ToLowerInvariant();
        if (ours.Proprioception.Count > 0)
            AddProprioception(json, ours.Proprioception);
        return json;
    }

    private static JsonObject Common(
        IReadOnlyList<ViewSource> images, StandardTransform transform, string? function, IReadOnlyList<bool> mask, TrajectoryOverrides overrides, Data.Trajectories.TrajectoryFilter? filter)
    {
        Assert.False(transform.Name.Length == 0 || function is null);
        var json = new JsonObject
        {
            ["image_obs_keys"] = Views(images),
            ["standardize_fn"] = Spec("crossformer.data.oxe.oxe_standardization_transforms", function),
            ["action_normalization_mask"] = new JsonArray([.. mask.Select(m => JsonValue.Create(m))]),
        };
        var changed = new JsonObject();
        if (overrides.MaxGoalDistance is { } distance)
            changed["goal_relabeling_kwargs"] = new JsonObject { ["max_goal_distance"] = distance };
        if (overrides.KeepImageProbability is { } keep)
            changed["task_augment_kwargs"] = new JsonObject { ["keep_image_prob"] = keep };
        if (overrides.WindowSize is { } window)
            changed["window_size"] = window;
        if (changed.Count > 0)
            json["override_traj_transform_kwargs"] = changed;
        if (filter is not null)
        {
            Assert.Equal("'traj_metadata/episode_metadata/file_path' contains '/success/'", filter.Name);
            json["filter_functions"] = new JsonArray(Spec("crossformer.data.utils.data_utils", "filter_success_droid"));
        }

        return json;
    }

    private static void AddProprioception(JsonObject json, IReadOnlyList<ProprioceptionSource> sources)
    {
        json["proprio_obs_keys"] = new JsonObject(sources.Select(p => KeyValuePair.Create(p.Name, (JsonNode?)p.Source)));
        json["proprio_obs_dims"] = new JsonObject(sources.Select(p => KeyValuePair.Create(p.Name, (JsonNode?)p.Width)));
    }

    private static JsonObject Views(IReadOnlyList<ViewSource> views) => new(views.Select(v => KeyValuePair.Create(v.View, (JsonNode?)v.Source)));

    private static JsonObject Encoding(string name, int value) => new() { ["name"] = name, ["value"] = value };

    private static JsonObject Spec(string module, string? name) => new() { ["module"] = module, ["name"] = name, ["args"] = new JsonArray(), ["kwargs"] = new JsonObject() };

    private static void AssertEqual(JsonObject expected, JsonObject actual) => Assert.Equal(Sorted(expected)!.ToJsonString(), Sorted(actual)!.ToJsonString());

    // The order of names means nothing, and 0 is 0.0.
    private static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject map => new JsonObject(map.OrderBy(m => m.Key, StringComparer.Ordinal).Select(m => KeyValuePair.Create(m.Key, Sorted(m.Value)))),
        JsonArray list => new JsonArray([.. list.Select(Sorted)]),
        JsonValue value when value.GetValueKind() == System.Text.Json.JsonValueKind.Number => JsonValue.Create(double.Parse(value.ToJsonString())),
        _ => node?.DeepClone(),
    };
}
