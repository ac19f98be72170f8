using System.ComponentModel.DataAnnotations;

namespace CrossFormer.Training.Configuration;

/// <summary>When checkpoints are written and which stay.</summary>
public sealed record CheckpointConfiguration
{
    /// <summary>Steps between two checkpoints; the last step has one in any case.</summary>
    [Range(1, int.MaxValue)]
    public int Interval { get; init; } = 5000;

    /// <summary>How many of the newest stay.</summary>
    [Range(1, 100000)]
    public int Keep { get; init; } = 3;

    /// <summary>Every checkpoint whose step is a multiple of this stays too; null: none.</summary>
    [Range(1, int.MaxValue)]
    public int? KeepEvery { get; init; }

    /// <summary>Whether the checkpoint with the least validation loss stays too.</summary>
    public bool KeepBest { get; init; } = true;
}
