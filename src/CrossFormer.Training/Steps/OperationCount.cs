using CrossFormer.Data.OpenX;

namespace CrossFormer.Training.Steps;

/// <summary>
/// Floating-point operations of training steps of the published model: two for each multiply-add of convolutions and matrix products,
/// the backward pass twice the forward pass (once for a root convolution, whose input needs no gradient).
/// </summary>
public static class OperationCount
{
    private const int Embedding = 512, Layers = 12, MlpWidth = 2048, ImageTokens = 49, Bimanual = 14, Quadruped = 59;
    private const int StackedChannels = 6, PlainChannels = 3;

    // Per head: cameras with a goal image, cameras without, the robot's own proprioception, readout tokens.
    private static readonly Dictionary<string, (int Stacked, int Plain, int Proprioception, int Readouts)> Robots = new()
    {
        ["single_arm"] = (1, 0, 0, 4),
        ["nav"] = (1, 0, 0, 4),
        ["bimanual"] = (1, 2, Bimanual, 100),
        ["quadruped"] = (0, 0, Quadruped, 1),
    };

    /// <summary>10⁹ operations of the fine-tuning step that <c>bench train</c> measures: one camera with goal image, single_arm head.</summary>
    public static double Finetune(int batch) => batch * Sample(1, 0, ImageTokens + Robots["single_arm"].Readouts);

    /// <summary>10⁹ operations of a batch of the published mixture: every encoder and readout for every sample; grouped, exactly; grouped with absent proprioception masked.</summary>
    public static (double Padded, double Grouped, double GroupedMaskedProprioception) Mixture(int batch, int window)
    {
        var all = window * (5 * ImageTokens + Bimanual + Quadruped + Robots.Values.Sum(r => r.Readouts));
        var padded = Sample(3 * window, 2 * window, all);
        double grouped = 0, masked = 0, weights = 0;
        foreach (var (dataset, weight) in OpenXMixtures.CrossEmbodiment.Datasets)
        {
            var robot = Robots[OpenXHeads.Datasets.Single(h => h.Value.Contains(dataset)).Key];
            var seen = (robot.Stacked + robot.Plain) * ImageTokens + robot.Readouts;
            grouped += weight * Sample(robot.Stacked * window, robot.Plain * window, window * (seen + Bimanual + Quadruped));
            masked += weight * Sample(robot.Stacked * window, robot.Plain * window, window * (seen + robot.Proprioception));
            weights += weight;
        }

        return (batch * padded, batch * grouped / weights, batch * masked / weights);
    }

    private static double Sample(int stackedFrames, int plainFrames, int tokens) => stackedFrames * Encoder(StackedChannels) + plainFrames * Encoder(PlainChannels) + 3 * Transformer(tokens);

    private static double Transformer(double tokens) => Layers * tokens * (8.0 * Embedding * Embedding + 4.0 * Embedding * MlpWidth + 4.0 * tokens * Embedding) / 1e9;

    // ResNet-26 at 224 × 224: a root, then four stages of two bottleneck units.
    private static double Encoder(int channels)
    {
        var operations = 2 * Convolution(112, 7, channels, 64);
        var (size, inputs) = (56, 64);
        for (var stage = 0; stage < 4; stage++)
        {
            var features = 64 << stage;
            for (var unit = 0; unit < 2; unit++)
            {
                var output = stage > 0 && unit == 0 ? size / 2 : size;
                var forward = Convolution(size, 1, inputs, features) + Convolution(output, 3, features, features) + Convolution(output, 1, features, 4 * features);
                if (unit == 0)
                    forward += Convolution(output, 1, inputs, 4 * features);
                operations += 3 * forward;
                (size, inputs) = (output, 4 * features);
            }
        }

        // The last pixels become tokens.
        return (operations + (3 * 2.0 * ImageTokens * inputs * Embedding)) / 1e9;
    }

    private static double Convolution(int size, int kernel, int inputs, int outputs) => 2.0 * size * size * kernel * kernel * inputs * outputs;
}
