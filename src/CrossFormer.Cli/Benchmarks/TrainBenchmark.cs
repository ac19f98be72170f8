using CrossFormer.Arrays;
using CrossFormer.Configuration;
using CrossFormer.Encoders;
using CrossFormer.Heads;
using CrossFormer.Policies;
using CrossFormer.Tokenizers;
using CrossFormer.Training.Losses;
using CrossFormer.Training.Optimizers;
using CrossFormer.Training.Steps;
using CrossFormer.Transformer;
using static TorchSharp.torch;

namespace CrossFormer.Cli.Benchmarks;

/// <summary>
/// The fine-tuning step that the reference was measured on: the published model's trunk with one camera, goal image and language, its
/// single_arm head, batch 8, window 1, all parameters trained, AdamW with clipping. Formula weights and inputs.
/// </summary>
internal static class TrainBenchmark
{
    public const int Batch = 8;
    private const int Runs = 6;

    /// <summary>The best of several steps, part by part.</summary>
    /// <param name="precision">Of matrix products.</param>
    /// <param name="recompute">Whether activations are computed again instead of being kept.</param>
    public static StepTimes Run(Precision precision, bool recompute)
    {
        using var module = Model();
        var optimizer = new AdamWConfiguration { LearningRate = new InverseSquareRootSchedule(0, 3e-4, 2000), WeightDecay = 0.1, ClipGradient = 1 };
        using var step = new TrainingStep(module, optimizer, new TrainingStepOptions { Head = "single_arm", Precision = precision, Recompute = recompute });
        using var scope = NewDisposeScope();
        var batch = Inputs();
        step.Run(batch);
        var times = Enumerable.Range(0, Runs).Select(_ => step.Measure(batch)).ToArray();
        return new StepTimes(times.Min(t => t.StepMs), times.Min(t => t.EncoderMs), times.Min(t => t.OptimizerMs));
    }

    private static CrossFormerModule Model()
    {
        var (embedding, transformer) = TransformerConfiguration.Named("detr");
        var configuration = new ModelConfiguration
        {
            ObservationTokenizers =
            [
                new("primary", new ImageTokenizerConfiguration
                {
                    ObservationKeys = ["image_primary"], TaskKeys = ["image_primary"], FilmKeys = ["language_instruction"], Encoder = ResNetConfiguration.Film26,
                }),
            ],
            TaskTokenizers = [],
            Heads =
            [
                new("single_arm", new ActionHeadConfiguration
                {
                    ReadoutKey = "readout_single_arm", Loss = LossType.L1, Pooling = Pooling.Pass, ActionHorizon = 4, ActionDimension = 7, Outputs = 7, ClipPrediction = false, ConstrainLossDimensions = true,
                }),
            ],
            Readouts = [new("single_arm", 4)],
            EmbeddingSize = embedding,
            MaxHorizon = 10,
            Transformer = transformer,
        };
        var shapes = new InputShapes(
            new Dictionary<string, int[]> { ["image_primary"] = [224, 224, 3] },
            new Dictionary<string, int[]> { ["image_primary"] = [224, 224, 3], ["language_instruction"] = [512] });
        var module = new CrossFormerModule(configuration, shapes);
        module.Parameters.FillByFormula();
        return module;
    }

    private static TrainingBatch Inputs()
    {
        var step = ones(Batch, 1, ScalarType.Bool);
        return new TrainingBatch(
            new Observations(new Dictionary<string, Tensor> { ["image_primary"] = Images("observation", Batch, 1, 224, 224, 3) }, step),
            new Tasks(new Dictionary<string, Tensor> { ["image_primary"] = Images("goal", Batch, 224, 224, 3), ["language_instruction"] = Values("language", 0.08, Batch, 512) }),
            Values("action", 1.5, Batch, 1, 4, 7), ones(Batch, 1, 4, 7, ScalarType.Bool), new Dictionary<string, Tensor> { ["single_arm"] = ones(Batch, ScalarType.Bool) });

        static Tensor Images(string name, params int[] shape) => tensor(Formula.Image($"bench/{name}", shape).AsSpan<byte>().ToArray(), [.. shape.Select(d => (long)d)], ScalarType.Byte);
        static Tensor Values(string name, double scale, params int[] shape) => tensor(Formula.Symmetric($"bench/{name}", scale, shape).ToSingles(), [.. shape.Select(d => (long)d)]);
    }
}
