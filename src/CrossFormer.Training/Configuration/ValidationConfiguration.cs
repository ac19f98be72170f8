using System.ComponentModel.DataAnnotations;

namespace CrossFormer.Training.Configuration;

/// <summary>Losses on validation episodes while training goes on (reference: train_callbacks.py, ValidationCallback).</summary>
public sealed record ValidationConfiguration
{
    /// <summary>Steps between two validations.</summary>
    [Range(1, int.MaxValue)]
    public int Interval { get; init; } = 1000;

    /// <summary>Batches of each dataset, drawn anew each time (the same in every validation of a run). 0: no validation.</summary>
    [Range(0, 100000)]
    public int Batches { get; init; } = 16;

    /// <summary>Datasets to validate on; null: all of the run's.</summary>
    public IReadOnlyList<string>? Datasets { get; init; }

    /// <summary>Ways of being told what to do that are compared; null: those that the run trains.</summary>
    public IReadOnlyList<ValidationMode>? Modes { get; init; }
}
