using CrossFormer.Training.Configuration;

namespace CrossFormer.Cli.Verbs;

/// <summary>Trains a model from scratch.</summary>
internal sealed class TrainVerb() : TrainingVerb(
    "train", "trains a model from scratch, as a configuration says", "./crossformer train --config configs/bridge_small.jsonc")
{
    private protected override void Check(TrainingConfiguration configuration)
    {
        if (configuration.Finetune is not null)
            throw new UsageException("the configuration fine-tunes a checkpoint; use ./crossformer finetune.");
    }
}
