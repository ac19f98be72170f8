using System.ComponentModel.DataAnnotations;
using CrossFormer.Data.Frames;
using CrossFormer.Data.OpenX;
using CrossFormer.Statistics;

namespace CrossFormer.Training.Configuration;

/// <summary>The datasets, and how their episodes become samples (reference: data/dataset.py and data/oxe).</summary>
public sealed record DataConfiguration
{
    /// <summary>Folder that holds the datasets, each under its name (or, for a single dataset, that dataset's own). Relative to the current folder.</summary>
    public string Folder { get; init; } = "";

    /// <summary>A named mixture of Open X-Embodiment: <c>cross_embodiment</c> (the published model's), <c>oxe_magic_soup_balanced</c>, <c>cross_embodiment_target</c>. Exactly one of this and <c>datasets</c> is given.</summary>
    public string? Mixture { get; init; }

    /// <summary>Datasets by name, with their weights in the mixture.</summary>
    public IReadOnlyDictionary<string, double>? Datasets { get; init; }

    /// <summary>Descriptions of datasets of your own (<c>docs/datasets.md</c>): files, or folders of them. Relative paths start at this file's folder.</summary>
    public IReadOnlyList<string> DatasetFiles { get; init; } = [];

    /// <summary>Datasets that are more of another of <c>datasets</c>, for example rounds of aggregation: described as that one is, and normalised by its statistics, so that the same numbers mean the same. <c>{"sim_nav_driven": "sim_nav"}</c></summary>
    public IReadOnlyDictionary<string, string> MoreOf { get; init; } = new Dictionary<string, string>();

    /// <summary>Weights are multiplied by the datasets' sizes.</summary>
    public bool BalanceWeights { get; init; }

    /// <summary>What each dataset trains on, as TFDS writes splits; null: <c>train</c>, or where there is no <c>val</c> its first 95 %.</summary>
    public string? TrainSplit { get; init; }

    /// <summary>What each dataset is validated on; null: <c>val</c>, or where there is none the last 5 % of <c>train</c>.</summary>
    public string? ValidationSplit { get; init; }

    /// <summary>Cameras.</summary>
    [MinLength(1)]
    public IReadOnlyList<string> Views { get; init; } = DatasetConfiguration.CurrentViews;

    /// <summary>Depth of these cameras too.</summary>
    public bool Depth { get; init; }

    /// <summary>Proprioception.</summary>
    public bool Proprioception { get; init; } = true;

    /// <summary>Width of the zeros that stand for a proprioception which a robot lacks, where it is not the dataset configuration's: <c>{"quadruped": 59}</c> fits the published checkpoint.</summary>
    public IReadOnlyDictionary<string, int> ProprioceptionWidths { get; init; } = new Dictionary<string, int>();

    /// <summary>How actions and proprioception are normalised.</summary>
    public Normalization Normalization { get; init; } = Normalization.Normal;

    /// <summary>A <c>dataset_statistics.json</c> to normalise by, for the datasets that it names: with a checkpoint's own, more episodes of robots that it knows mean the same numbers to it. Relative to the current folder. Null: each dataset's own statistics.</summary>
    public string? Statistics { get; init; }

    /// <summary>Features that are not normalised, for example <c>proprio_bimanual</c>. The reference lists that one and then ignores the list.</summary>
    public IReadOnlyList<string> SkipNormKeys { get; init; } = [];

    /// <summary>Transforms without the reference's known mistakes. The published weights were trained with them.</summary>
    public bool CorrectedTransforms { get; init; }

    /// <summary>Observations in a sample's history.</summary>
    [Range(1, 1000)]
    public required int WindowSize { get; init; }

    /// <summary>Actions in a sample's chunk: that of the head with the longest.</summary>
    [Range(1, 10000)]
    public required int ActionHorizon { get; init; }

    /// <summary>Dimension that actions are padded to; null: none, which needs datasets of one dimension.</summary>
    [Range(1, 4096)]
    public int? MaxActionDim { get; init; }

    /// <summary>Datasets by head that learns from them. Null: the heads that the datasets' descriptions name.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>>? HeadToDataset { get; init; }

    /// <summary>How the model is told what to do: decides <c>relabel_goals</c> and <c>keep_image_prob</c> where they are not given.</summary>
    public Conditioning Conditioning { get; init; }

    /// <summary>Whether every step is given a goal that the robot reached later. Null: unless conditioned on language alone.</summary>
    public bool? RelabelGoals { get; init; }

    /// <summary>How often a sample with goal image and instruction keeps the image. Null: 0.5 for both, 1 for image, 0 for language.</summary>
    [Range(0, 1)]
    public double? KeepImageProb { get; init; }

    /// <summary>
    /// Instructions in other words: a JSON file <c>{"put it down": ["set it down", …]}</c>; a relative path starts at this file's
    /// folder. The text encoder must know the other words too. Null: none.
    /// </summary>
    [MinLength(1)]
    public string? Paraphrases { get; init; }

    /// <summary>How often an episode's instruction is said in other words. Ignored without <c>paraphrases</c>.</summary>
    [Range(0, 1)]
    public double RephraseProb { get; init; } = 0.5;

    /// <summary>Goals lie less than this many steps ahead; null: anywhere up to the end.</summary>
    [Range(1, int.MaxValue)]
    public int? MaxGoalDistance { get; init; }

    /// <summary>At most this many frames of an episode, drawn anew each time; null: all.</summary>
    [Range(1, int.MaxValue)]
    public int? SubsampleLength { get; init; }

    /// <summary>Skips episodes without instruction.</summary>
    public bool SkipUnlabeled { get; init; }

    /// <summary>Skips episodes in which a normalised action is larger, by magnitude.</summary>
    [Range(0, 1e12)]
    public float? MaxAction { get; init; }

    /// <summary>Skips episodes in which a normalised proprioception is larger, by magnitude.</summary>
    [Range(0, 1e12)]
    public float? MaxProprio { get; init; }

    /// <summary>Sizes and augmentations of images by view.</summary>
    public IReadOnlyDictionary<string, ImageConfiguration> Images { get; init; } = new Dictionary<string, ImageConfiguration>();

    /// <summary>JPEG files are decoded at the smallest eighth of their size that is not below the wanted one: faster for large ones, but not the reference's pixels.</summary>
    public bool ScaledDecoding { get; init; }

    /// <summary>How often each camera of a training sample is blanked, goal image included, so that the model learns to do without. One of them always stays.</summary>
    [Range(0, 1)]
    public double ImageDropoutProb { get; init; }

    /// <summary>The view that is never blanked; null: one that is drawn. Ignored while <c>image_dropout_prob</c> is 0.</summary>
    [MinLength(1)]
    public string? ImageDropoutKeep { get; init; }

    /// <summary>Whether one number decides all random changes of an image (<c>shared</c>, as in the reference: a large crop is always bright, too), or each its own (<c>independent</c>).</summary>
    public AugmentationDraws AugmentationDraws { get; init; }

    /// <summary>Memory, in MiB, that holds encoded episodes to draw frames from: more is a better shuffle. (The reference counts decoded frames in its <c>shuffle_buffer_size</c>.)</summary>
    [Range(1, 1048576)]
    public int ShuffleMemoryMib { get; init; } = 512;

    /// <summary>Threads that decode, resize and augment; null: as many as the machine has cores.</summary>
    [Range(1, 1024)]
    public int? Threads { get; init; }

    internal bool GoalsAreRelabeled => RelabelGoals ?? Conditioning != Conditioning.Language;

    internal double KeepImages => KeepImageProb ?? Conditioning switch { Conditioning.Image => 1, Conditioning.Language => 0, _ => 0.5 };

    internal IReadOnlyList<ValidationMode> TrainedModes => Conditioning switch
    {
        Conditioning.Image => [ValidationMode.ImageConditioned],
        Conditioning.Language => [ValidationMode.TextConditioned],
        _ => [ValidationMode.TextConditioned, ValidationMode.ImageConditioned],
    };
}
