using System.ComponentModel.DataAnnotations;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using CrossFormer.Policies;
using CrossFormer.Text;

namespace CrossFormer.Training.Configuration;

/// <summary>
/// One training run, as a JSON file with comments says it: pre-training when <see cref="Model"/> is given, fine-tuning when
/// <see cref="Finetune"/> is. Names are those of the reference where it has the same thing (scripts/configs).
/// </summary>
public sealed record TrainingConfiguration
{
    /// <summary>Address of the schema, for editors. Ignored.</summary>
    [JsonPropertyName("$schema")]
    public string? Schema { get; init; }

    /// <summary>Seed of everything random: initialisation, dropout, the data's order and augmentations.</summary>
    public ulong Seed { get; init; } = 42;

    /// <summary>Batches to train on. With gradient accumulation the optimizer steps that many times less often.</summary>
    [Range(1, int.MaxValue)]
    public required int Steps { get; init; }

    /// <summary>Samples in a batch.</summary>
    [Range(1, 65536)]
    public required int BatchSize { get; init; }

    /// <summary>Folder of the run: checkpoints, log, report. Relative to the current folder.</summary>
    [MinLength(1)]
    public required string Folder { get; init; }

    /// <summary>Pre-training: what the model is made of, as <c>model</c> in a checkpoint's <c>config.json</c>. Exactly one of this and <c>finetune</c> is given.</summary>
    public JsonObject? Model { get; init; }

    /// <summary>Fine-tuning: which checkpoint to start from, and what of it to train.</summary>
    public FinetuneConfiguration? Finetune { get; init; }

    /// <summary>Weights of image encoders from a ResNet-26 that was trained on ImageNet; null: from scratch, or from the checkpoint.</summary>
    public EncoderInitializationConfiguration? InitializeEncoders { get; init; }

    /// <summary>The datasets, and how their episodes become samples.</summary>
    public required DataConfiguration Data { get; init; }

    /// <summary>
    /// What turns instructions into vectors; relative paths start at this file's folder. Null: the vectors that the datasets
    /// carry themselves (<c>language_embedding</c>), else those of the pre-trained checkpoint (<c>instructions.safetensors</c>); with
    /// neither, the model gets no language.
    /// </summary>
    public TextEncoderConfiguration? TextEncoder { get; init; }

    /// <summary>Pre-training: what <c>config.json</c> tells the reference to encode instructions with, written there verbatim. Not used here.</summary>
    public JsonObject? TextProcessor { get; init; }

    /// <summary>The optimizer.</summary>
    public required OptimizerConfiguration Optimizer { get; init; }

    /// <summary>Arithmetic of matrix products; parameters and optimizer are float32 in either.</summary>
    public Precision Precision { get; init; }

    /// <summary>
    /// Whether tokens of a proprioception that a robot does not have are masked. The reference lets every robot attend to the zeros that
    /// stand for it, and published weights were trained so: leave it off to go on training those. On, it saves computation in mixtures.
    /// </summary>
    public bool MaskAbsentProprioception { get; init; }

    /// <summary>
    /// Most samples of a batch that are computed at once: memory is theirs alone, and fewer at a time cost some speed. Losses and gradients are
    /// the whole batch's, but for rounding and for what dropout draws. Null: all samples that have the same cameras.
    /// </summary>
    [Range(1, 65536)]
    public int? LargestGroup { get; init; }

    /// <summary>
    /// Whether the activations of encoders and transformer blocks are computed again in the backward pass instead of being kept: the same
    /// gradients, a third more work, less memory. Null: when <c>memory_limit_gib</c> leaves no other way.
    /// </summary>
    public bool? Recompute { get; init; }

    /// <summary>
    /// Memory of the whole process, in GiB, that the run shall keep to, by estimate: fewer samples are computed at once, and when not
    /// even one fits, activations are recomputed. Null: no limit.
    /// </summary>
    [Range(0.1, 1e6)]
    public double? MemoryLimitGib { get; init; }

    /// <summary>Steps between two lines of the log.</summary>
    [Range(1, int.MaxValue)]
    public int LogInterval { get; init; } = 100;

    /// <summary>Losses on validation episodes.</summary>
    public ValidationConfiguration Validation { get; init; } = new();

    /// <summary>Checkpoints.</summary>
    public CheckpointConfiguration Checkpoints { get; init; } = new();
}
