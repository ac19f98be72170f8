using System.ComponentModel.DataAnnotations;
using System.Text.Json.Nodes;

namespace CrossFormer.Training.Configuration;

/// <summary>What fine-tuning starts from, and what it trains (reference: scripts/finetune.py).</summary>
public sealed record FinetuneConfiguration
{
    /// <summary>The checkpoint to start from: a folder, or <c>hf://owner/name</c>.</summary>
    [MinLength(1)]
    public required string Pretrained { get; init; }

    /// <summary>Its step; null: the newest.</summary>
    [Range(0, int.MaxValue)]
    public int? Step { get; init; }

    /// <summary>The head that is trained; its loss alone is minimised, over every dataset. Null: each dataset trains its own head, as in pre-training.</summary>
    [MinLength(1)]
    public string? Head { get; init; }

    /// <summary>What is trained. <c>optimizer.frozen_keys</c>, when given, decides instead.</summary>
    public FinetuneMode Mode { get; init; }

    /// <summary>
    /// Trains low-rank adapters in place of the transformer's blocks; <c>{}</c> is enough. Tokenizers and heads are trained as
    /// <c>mode</c> says: with <c>head_only</c> nothing of the encoders is computed backwards. Null: no adapters.
    /// </summary>
    public LoraConfiguration? Lora { get; init; }

    /// <summary>
    /// Merged into the checkpoint's <c>config.json</c>: new tokenizers, readouts and heads beside those that are there, for example
    /// <c>{"model": {"heads": {"my_arm": …}, "readouts": {"my_arm": 4}}}</c>.
    /// </summary>
    public JsonObject? UpdateConfig { get; init; }

    /// <summary>Paths of <c>config.json</c> to remove before the update, joined by '.': <c>model.heads.nav</c>.</summary>
    public IReadOnlyList<string> DeleteConfig { get; init; } = [];
}
