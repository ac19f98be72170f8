using CrossFormer.Arrays;
using CrossFormer.Configuration;
using CrossFormer.Formats;
using CrossFormer.Testing;
using CrossFormer.Tests.Model;
using CrossFormer.Training.Runs;

namespace CrossFormer.Training.Tests.Runs;

public sealed class ResNetWeightsTests
{
    [Theory]
    [InlineData(false, 4)]
    [InlineData(true, 5)]
    public void EveryEncoderIsFilled_RootKernelsRepeatOverStackedImages(bool includePlain, int encoders)
    {
        using var module = new CrossFormerModule(ModelConfiguration.Read(System.Text.Json.Nodes.JsonNode.Parse(File.ReadAllBytes(Goldens.File("checkpoints", "full", "config.json")))!["model"]), FullModelFixture.Shapes);
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            // The published file's names and shapes: one image's root kernel, group norms with further axes.
            const string encoder = "crossformer_transformer/observation_tokenizers_left/ResNet26FILM_0/";
            var arrays = module.Parameters.All.Where(p => p.Path.StartsWith(encoder, StringComparison.Ordinal) && !p.Path.Contains("Film", StringComparison.Ordinal)).ToDictionary(
                p => p.Path[encoder.Length..],
                p => NdArray.From([.. Enumerable.Range(0, (int)p.Count).Select(i => i % 97 / 97f)], p.Path.Contains("gn", StringComparison.Ordinal) ? [1, 1, 1, (int)p.Count] : [.. p.Shape.Select(d => (int)d)]));
            arrays.Add("head/kernel", NdArray.Zeros(DType.Float32, 3));
            var path = Path.Combine(folder.FullName, "params.npz");
            using (var file = File.Create(path))
                Npz.Write(file, arrays.Select(a => KeyValuePair.Create<string, StoredArray>(a.Key, new MemoryArray(a.Value))));

            Assert.Equal(encoders, ResNetWeights.Load(module.Parameters, path, includePlain));
            var stacked = module.Parameters["crossformer_transformer/observation_tokenizers_primary/ResNet26FILM_0/conv_root/kernel"];
            var root = arrays["conv_root/kernel"].ToSingles();
            var filled = stacked.Stored.Read().ToSingles();
            var (outputs, inputs) = ((int)stacked.Shape[3], (int)stacked.Shape[2]);
            for (var i = 0; i < filled.Length; i++)
                Assert.Equal(root[(i / (outputs * inputs) * 3 * outputs) + (i % (3 * outputs))], filled[i]);
            var norm = module.Parameters["crossformer_transformer/observation_tokenizers_primary/ResNet26FILM_0/block4/unit2/gn3/scale"];
            Assert.Equal(arrays["block4/unit2/gn3/scale"].ToSingles(), norm.Stored.Read().ToSingles());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
