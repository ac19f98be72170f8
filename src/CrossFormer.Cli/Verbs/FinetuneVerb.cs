using CrossFormer.Training.Configuration;

namespace CrossFormer.Cli.Verbs;

/// <summary>Trains a model further from a checkpoint.</summary>
internal sealed class FinetuneVerb() : TrainingVerb(
    "finetune", "trains a checkpoint further on your data, as a configuration says", "./crossformer finetune --config configs/bridge_finetune.jsonc")
{
    private protected override void Check(TrainingConfiguration configuration)
    {
        if (configuration.Finetune is null)
            throw new UsageException("the configuration has no 'finetune'; to train from scratch use ./crossformer train.");
    }
}
