namespace CrossFormer.Data.OpenX;

/// <summary>The named mixtures. Source: the reference's oxe_dataset_mixes.py.</summary>
public static class OpenXMixtures
{
    // Sampling weights by size, evened out by hand; they are data, so they stand as they were published.
    private static readonly KeyValuePair<string, double>[] MagicSoupBalanced =
    [
        new("kuka", 0.14503701874493363),
        new("taco_play", 0.06657998827701668),
        new("taco_extra", 0.015452958868388737),
        new("jaco_play", 0.010914534155076169),
        new("berkeley_cable_routing", 0.005925612796973822),
        new("roboturk", 0.052499238268860826),
        new("nyu_door_opening_surprising_effectiveness", 0.0028565519070650833),
        new("viola", 0.021369612129854),
        new("berkeley_autolab_ur5", 0.027421498380401588),
        new("toto", 0.045595496181288435),
        new("language_table", 0.09863155061985435),
        new("stanford_hydra_dataset_converted_externally_to_rlds", 0.10030032010542056),
        new("austin_buds_dataset_converted_externally_to_rlds", 0.004775432426062442),
        new("nyu_franka_play_dataset_converted_externally_to_rlds", 0.01884652293499813),
        new("furniture_bench_dataset_converted_externally_to_rlds", 0.05526993262706029),
        new("austin_sailor_dataset_converted_externally_to_rlds", 0.04943059735717906),
        new("austin_sirius_dataset_converted_externally_to_rlds", 0.03918942829266809),
        new("bc_z", 0.14503701874493363),
        new("dlr_edan_shared_control_converted_externally_to_rlds", 0.00124985520344411),
        new("iamlab_cmu_pickup_insert_converted_externally_to_rlds", 0.020472678629801757),
        new("utaustin_mutex", 0.05066099356944051),
        new("berkeley_fanuc_manipulation", 0.017530731149920712),
        new("cmu_stretch", 0.003502058441908362),
        new("droid", 0.001450370187449336),
    ];

    private static readonly KeyValuePair<string, double>[] TargetRobots =
    [
        new("aloha_pen_uncap_diverse_dataset", 0.1),
        new("aloha_new_sushi_dataset", 0.2),
        new("bridge_dataset", 0.2),
        new("a1", 0.1),
        new("droid_wipe", 0.1),
        new("droid_flip_pot_upright", 0.1),
        new("omnimimic_gnm_dataset", 0.2),
    ];

    /// <summary>The Open X part of <see cref="CrossEmbodiment"/>: 24 single arms.</summary>
    public static Mixture OxeMagicSoupBalanced { get; } = new("oxe_magic_soup_balanced", MagicSoupBalanced);

    /// <summary>The robots that the published model was evaluated on: seven datasets.</summary>
    public static Mixture CrossEmbodimentTarget { get; } = new("cross_embodiment_target", TargetRobots);

    /// <summary>What the published model was trained on, 31 datasets: 15 % of <see cref="OxeMagicSoupBalanced"/>, 85 % of <see cref="CrossEmbodimentTarget"/>.</summary>
    public static Mixture CrossEmbodiment { get; } = new("cross_embodiment", [.. Scaled(MagicSoupBalanced, 0.15), .. Scaled(TargetRobots, 0.85)]);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Mixture> All { get; } = [CrossEmbodiment, OxeMagicSoupBalanced, CrossEmbodimentTarget];

    /// <summary>A mixture by its name.</summary>
    /// <exception cref="KeyNotFoundException">There is none of that name; the message lists those that there are.</exception>
    public static Mixture Get(string name) => All.FirstOrDefault(m => m.Name == name)
        ?? throw new KeyNotFoundException($"There is no mixture '{name}'; there are {string.Join(", ", All.Select(m => m.Name))}.");

    private static IEnumerable<KeyValuePair<string, double>> Scaled(KeyValuePair<string, double>[] datasets, double factor) =>
        datasets.Select(d => KeyValuePair.Create(d.Key, d.Value * factor));
}
