using System.Text.Json.Nodes;
using CrossFormer.Testing;
using CrossFormer.Training.Optimizers;

namespace CrossFormer.Training.Tests;

/// <summary>Optimizer settings of a golden training run, from the manifest.</summary>
internal static class GoldenOptimizers
{
    public static AdamWConfiguration Read(string name)
    {
        var optimizer = Goldens.Json("model", "manifest.json")["cases"]![name]!["optimizer"]!;
        var rate = optimizer["learning_rate"]!;
        double Number(string field) => rate[field]!.GetValue<double>();
        return new AdamWConfiguration
        {
            LearningRate = rate["name"]!.GetValue<string>() switch
            {
                "rsqrt" => new InverseSquareRootSchedule(Number("init_value"), Number("peak_value"), (int)Number("warmup_steps"), Number("timescale")),
                "cosine" => new CosineSchedule(Number("init_value"), Number("peak_value"), (int)Number("warmup_steps"), (int)Number("decay_steps"), Number("end_value")),
                "constant" => new ConstantSchedule(Number("init_value"), Number("peak_value"), (int)Number("warmup_steps")),
                var other => throw new NotSupportedException($"The manifest names a schedule '{other}'."),
            },
            WeightDecay = optimizer["weight_decay"]!.GetValue<double>(),
            ClipGradient = optimizer["clip_gradient"]?.GetValue<double>(),
            FrozenKeys = (optimizer["frozen_keys"] as JsonArray)?.Select(k => k!.GetValue<string>()).ToArray() ?? [],
            AccumulationSteps = optimizer["grad_accumulation_steps"]?.GetValue<int>() ?? 1,
        };
    }
}
