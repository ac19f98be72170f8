using CrossFormer.Statistics;

namespace CrossFormer.Data.OpenX;

/// <summary>What one training wants of its datasets. The defaults are the published model's.</summary>
public sealed record DatasetOptions
{
    /// <summary>Which cameras.</summary>
    public IReadOnlyList<string> Views { get; init; } = DatasetConfiguration.CurrentViews;

    /// <summary>Their depth too. Default: no.</summary>
    public bool Depth { get; init; }

    /// <summary>Proprioception. Default: yes.</summary>
    public bool Proprioception { get; init; } = true;

    /// <summary>
    /// Width of the zeros that stand for a proprioception which a robot lacks, where it is not the configuration's (bimanual
    /// 14, quadruped 46): the published checkpoint wants 59 for the quadruped. Ignored without <see cref="Proprioception"/>.
    /// </summary>
    public IReadOnlyDictionary<string, int> ProprioceptionWidths { get; init; } = new Dictionary<string, int>();

    /// <summary>Instructions. Default: yes.</summary>
    public bool Language { get; init; } = true;

    /// <summary>How actions and proprioception are normalised. Default: to mean 0 and standard deviation 1.</summary>
    public Normalization Normalization { get; init; } = Normalization.Normal;

    /// <summary>
    /// Transforms without the defects that <see cref="DatasetConfiguration.Defect"/> tells of. Default: no, because the
    /// published checkpoints were trained with them; for a model of your own, yes.
    /// </summary>
    public bool Corrected { get; init; }
}
