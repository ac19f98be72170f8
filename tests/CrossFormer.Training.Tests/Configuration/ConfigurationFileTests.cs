using System.Reflection;
using CrossFormer.Configuration;
using CrossFormer.Policies;
using CrossFormer.Testing;
using CrossFormer.Training.Configuration;
using CrossFormer.Training.Optimizers;

namespace CrossFormer.Training.Tests.Configuration;

public sealed class ConfigurationFileTests
{
    private const string Minimal = """
        {
          // the least that a run needs
          "steps": 10, "batch_size": 2, "folder": "run",
          "finetune": { "pretrained": "checkpoint", "head": "arm" },
          "data": { "datasets": { "bridge_dataset": 1 }, "window_size": 1, "action_horizon": 4 },
          "optimizer": { "learning_rate": 3e-4 },
        }
        """;

    public static TheoryData<string> Shipped => [.. Directory.GetFiles(Path.Combine(Goldens.Repository, "configs"), "*.jsonc").Select(f => Path.GetFileName(f))];

    [Theory]
    [MemberData(nameof(Shipped))]
    public void ShippedConfigurations_AreValid(string file)
    {
        var configuration = ConfigurationFile.Read(Path.Combine(Goldens.Repository, "configs", file));
        if (configuration.Model is not null)
            Assert.NotEmpty(ModelConfiguration.Read(configuration.Model).Heads);
    }

    [Theory]
    [MemberData(nameof(Shipped))]
    public void ShippedConfigurations_SayCommandDataCostAndResult(string file)
    {
        var header = string.Join('\n', File.ReadLines(Path.Combine(Goldens.Repository, "configs", file)).TakeWhile(l => l.StartsWith("//", StringComparison.Ordinal)));
        Assert.Matches($"\n//   \\./crossformer (train|finetune) --config configs/{file.Replace(".", "\\.", StringComparison.Ordinal)}", header);
        Assert.All(new[] { "Data: ", "Cost: ", "Result: " }, part => Assert.Contains(part, header));
    }

    [Fact]
    public void Parse_FillsDefaults()
    {
        var configuration = ConfigurationFile.Parse(Minimal, "file");
        Assert.Equal(42ul, configuration.Seed);
        Assert.Equal(FinetuneMode.Full, configuration.Finetune!.Mode);
        Assert.Equal(Conditioning.Both, configuration.Data.Conditioning);
        Assert.Equal(0.5, configuration.Data.KeepImages);
        Assert.Equal(3, configuration.Checkpoints.Keep);
    }

    [Fact]
    public void PlainNumberAsLearningRate_IsConstant()
    {
        var schedule = ConfigurationFile.Parse(Minimal, "file").Optimizer.LearningRate.ToSchedule(10);
        Assert.Equal(new ConstantSchedule(3e-4, 3e-4), schedule);
    }

    [Fact]
    public void CosineDecaysToTheRunsEnd_UnlessToldOtherwise()
    {
        Assert.Equal(new CosineSchedule(0, 1e-3, 5, 10), Rate("""{"name": "cosine", "peak_value": 1e-3, "warmup_steps": 5}"""));
        Assert.Equal(new CosineSchedule(0, 1e-3, 5, 7), Rate("""{"name": "cosine", "peak_value": 1e-3, "warmup_steps": 5, "decay_steps": 7}"""));

        static LearningRateSchedule Rate(string json) => ConfigurationFile.Parse(Minimal, "file", [$"optimizer.learning_rate={json}"]).Optimizer.LearningRate.ToSchedule(10);
    }

    [Theory]
    [InlineData("steps=0", "$.steps", "from 1")]
    [InlineData("steps=ten", "$.steps", "whole number")]
    [InlineData("batchsize=3", "$.batchsize", "batch_size")]
    [InlineData("data.conditioning=text", "$.data.conditioning", "both, image, language")]
    [InlineData("data.window=3", "$.data.window", "window_size")]
    [InlineData("data.images.primary={\"size\":[64]}", "$.data.images.primary.size", "a list of 2")]
    [InlineData("data.images.primary={\"size\":[64,64],\"augmentations\":[{\"random_hue\":0.1,\"random_brightness\":0.1}]}", "$.data.images.primary.augmentations[0]", "exactly one")]
    [InlineData("data.images.side={\"size\":[64,64]}", "$.data.images.side", "primary")]
    [InlineData("memory_limit_gib=0", "$.memory_limit_gib", "from 0.1")]
    [InlineData("recompute=sometimes", "$.recompute", "true or false")]
    [InlineData("finetune.lora.rank=0", "$.finetune.lora.rank", "from 1")]
    [InlineData("finetune.lora.kernels=[]", "$.finetune.lora.kernels", "at least 1")]
    [InlineData("finetune.lora.kernels=[\"keys\"]", "$.finetune.lora.kernels[0]", "query, key, value, out, mlp")]
    [InlineData("data.image_dropout_prob=1.5", "$.data.image_dropout_prob", "from 0 to 1")]
    [InlineData("data.image_dropout_keep=side", "$.data.image_dropout_keep", "primary")]
    [InlineData("data.augmentation_draws=none", "$.data.augmentation_draws", "shared, independent")]
    [InlineData("data.rephrase_prob=-1", "$.data.rephrase_prob", "from 0 to 1")]
    [InlineData("data.paraphrases=", "$.data.paraphrases", "not empty")]
    [InlineData("largest_group=0", "$.largest_group", "from 1")]
    [InlineData("mask_absent_proprioception=1", "$.mask_absent_proprioception", "true or false")]
    [InlineData("optimizer.ema_decay=1", "$.optimizer.ema_decay", "from 0 to 0.9999999")]
    [InlineData("data.datasets=null", "$.data", "mixture")]
    [InlineData("optimizer.learning_rate={\"peak_value\":1}", "$.optimizer.learning_rate.name", "constant, cosine, rsqrt")]
    [InlineData("optimizer.learning_rate=\"fast\"", "$.optimizer.learning_rate", "an object")]
    [InlineData("optimizer.frozen_keys=[1]", "$.optimizer.frozen_keys[0]", "a text")]
    [InlineData("finetune.mode=null", "$.finetune.mode", "full, head_only, frozen_transformer")]
    [InlineData("finetune.head=", "$.finetune.head", "not empty")]
    [InlineData("model={}", "$", "exactly one of 'model'")]
    [InlineData("precision=half", "$.precision", "float32, bfloat16")]
    [InlineData("text_encoder.kind=magic", "$.text_encoder.kind", "table")]
    [InlineData("steps.more=1", "$.steps", "no object")]
    [InlineData("steps", "$", "a.b=value")]
    public void WrongFields_AreRefusedWithPathAndWhatIsKnown(string change, string path, string hint)
    {
        var problem = Assert.Throws<ConfigurationException>(() => ConfigurationFile.Parse(Minimal, "file", [change]));
        Assert.Equal(path, problem.Path);
        Assert.Contains(hint, problem.Message);
    }

    [Theory]
    [InlineData("steps")]
    [InlineData("optimizer")]
    [InlineData("data")]
    public void MissingFields_AreNamed(string field)
    {
        var json = System.Text.Json.Nodes.JsonNode.Parse(Minimal, documentOptions: new() { CommentHandling = System.Text.Json.JsonCommentHandling.Skip, AllowTrailingCommas = true })!.AsObject();
        json.Remove(field);
        Assert.Equal($"$.{field}", Assert.Throws<ConfigurationException>(() => ConfigurationFile.Parse(json.ToJsonString(), "file")).Path);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{\"steps\": 1, \"steps\": 2}")]
    [InlineData("{\"steps\": ")]
    public void TextThatIsNoObject_IsRefused(string json) => Assert.Throws<ConfigurationException>(() => ConfigurationFile.Parse(json, "file"));

    [Fact]
    public void Override_ChangesNestedFieldsAndMakesObjects()
    {
        var configuration = ConfigurationFile.Parse(Minimal, "file", ["data.folder=/data", "checkpoints.keep=7", "data.conditioning=language", "precision=bfloat16"]);
        Assert.Equal("/data", configuration.Data.Folder);
        Assert.Equal(7, configuration.Checkpoints.Keep);
        Assert.Equal(0, configuration.Data.KeepImages);
        Assert.False(configuration.Data.GoalsAreRelabeled);
        Assert.Equal(Precision.BFloat16, configuration.Precision);
    }

    [Fact]
    public void Write_IsReadBack()
    {
        var configuration = ConfigurationFile.Read(Path.Combine(Goldens.Repository, "configs", "pretrain.jsonc"));
        var written = ConfigurationFile.Write(configuration);
        Assert.Equal(written, ConfigurationFile.Write(ConfigurationFile.Parse(written, "file")));
    }

    [Fact]
    public void RelativePaths_StartAtTheFilesFolder()
    {
        var folder = Path.Combine(Goldens.Repository, "configs");
        var configuration = ConfigurationFile.Read(Path.Combine(folder, "pretrain.jsonc"), ["data.dataset_files=[\"mine.jsonc\"]", "data.paraphrases=words.json"]);
        Assert.Equal(Path.Combine(folder, "mine.jsonc"), Assert.Single(configuration.Data.DatasetFiles));
        Assert.Equal(Path.Combine(folder, "words.json"), configuration.Data.Paraphrases);
        Assert.Equal(Path.Combine(folder, "../runs/use.safetensors"), configuration.TextEncoder!.Path);
    }

    [Fact]
    public void EveryField_IsDocumented()
    {
        var records = typeof(TrainingConfiguration).Assembly.GetTypes().Where(t => t.Namespace == typeof(TrainingConfiguration).Namespace && t.IsPublic && t.IsClass && !t.IsAbstract);
        foreach (var property in records.SelectMany(t => t.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)))
            Assert.True(ConfigurationSchema.Summary(property) is { Length: > 0 }, $"{property.DeclaringType!.Name}.{property.Name} has no summary.");
    }

    [Fact]
    public void CommittedSchema_IsCurrent()
    {
        var path = Path.Combine(Goldens.Repository, "configs", "schema", "training.json");
        var current = ConfigurationSchema.Create();
        if (File.Exists(path) && File.ReadAllText(path) == current)
            return;
        var received = Path.ChangeExtension(path, ".received.json");
        File.WriteAllText(received, current);
        Assert.Fail($"{path} is not what the records say. Rename {received} to it.");
    }
}
