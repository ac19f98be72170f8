using CrossFormer.Configuration;
using CrossFormer.Data.Mixtures;
using CrossFormer.Training.Configuration;
using CrossFormer.Training.Steps;
using static TorchSharp.torch;

namespace CrossFormer.Training.Runs;

/// <summary>
/// Losses on validation episodes, by dataset and by what the model is told (reference: train_callbacks.py,
/// ValidationCallback). The batches are the same every time, so that two validations differ by the model alone.
/// </summary>
internal sealed class Validator(TrainingConfiguration configuration, TrainingSources sources, BatchTensors tensors)
{
    private readonly IReadOnlyList<ValidationMode> _modes = configuration.Validation.Modes ?? configuration.Data.TrainedModes;

    /// <summary>What is validated on.</summary>
    public IReadOnlyList<WeightedSource> Datasets { get; } =
        [.. sources.All.Where(s => s.Weight > 0 && (configuration.Validation.Datasets?.Contains(s.Source.Name) ?? true))];

    /// <summary>Whether there is anything to validate.</summary>
    public bool IsActive => configuration.Validation.Batches > 0 && Datasets.Count > 0;

    /// <summary>Checks what only the end of a long run would notice.</summary>
    /// <exception cref="ConfigurationException">A dataset is not in the mixture, or has no episode to validate on.</exception>
    public void Check()
    {
        if (configuration.Validation.Datasets?.FirstOrDefault(n => sources.All.All(s => s.Source.Name != n)) is { } unknown)
            throw new ConfigurationException("$.validation.datasets", $"'{unknown}' is not in the mixture, which has {string.Join(", ", sources.All.Select(s => s.Source.Name))}; [] validates on none");
        foreach (var dataset in IsActive ? Datasets : [])
            sources.CheckValidation(dataset);
    }

    /// <summary>Runs over the batches.</summary>
    public IReadOnlyList<ValidationResult> Run(TrainingStep step, CancellationToken cancellation)
    {
        var results = new List<ValidationResult>();
        foreach (var dataset in Datasets)
        {
            var sums = new Dictionary<(ValidationMode Mode, string Head), (double Loss, double Mse, double Sign, int Count)>();
            using var loader = new BatchLoader([dataset with { Weight = 1 }], sources.Validation(configuration.BatchSize, configuration.Seed, ordered: false));
            for (var i = 0; i < configuration.Validation.Batches; i++)
            {
                using var scope = NewDisposeScope();
                using var batch = loader.Read(cancellation)!;
                var inputs = tensors.Convert(batch);
                foreach (var mode in _modes)
                {
                    foreach (var (head, report) in step.Evaluate(tensors.Conditioned(inputs, mode)).Heads.Where(h => h.Value.SampleFraction > 0))
                    {
                        var sum = sums.GetValueOrDefault((mode, head));
                        sums[(mode, head)] = (sum.Loss + report.Loss, sum.Mse + report.Mse, sum.Sign + report.SignError, sum.Count + 1);
                    }
                }
            }

            results.AddRange(sums.Select(s => new ValidationResult(
                dataset.Source.Name, s.Key.Mode, s.Key.Head, s.Value.Loss / s.Value.Count, s.Value.Mse / s.Value.Count, s.Value.Sign / s.Value.Count)));
        }

        return results;
    }
}
