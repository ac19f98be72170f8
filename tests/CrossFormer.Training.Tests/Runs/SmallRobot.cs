using CrossFormer.Arrays;
using CrossFormer.Data.Rlds;
using CrossFormer.Images;
using CrossFormer.Policies;
using CrossFormer.Text;
using CrossFormer.Training.Configuration;
using CrossFormer.Training.Runs;

namespace CrossFormer.Training.Tests.Runs;

/// <summary>
/// A folder with a dataset of a robot that sees a bright spot and moves towards it, its description, a table of its
/// instructions, and configurations of runs on it that take seconds.
/// </summary>
internal sealed class SmallRobot : IDisposable
{
    private const int Size = 16, Steps = 6;
    private static readonly string[] Instructions = ["go to the spot", "leave the spot"];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("crossformer-run-");

    public SmallRobot(int episodes = 6)
    {
        var robot = new EmbodimentProfile
        {
            Name = "small",
            Head = "arm",
            Statistics = "small_robot",
            ControlRate = 5,
            Cameras = [new CameraInput("image_primary", "top", Size, Size)],
            Actions = [new ActionDimension("x", "m"), new ActionDimension("y", "m")],
        };
        using var recorder = new EpisodeRecorder(Path, "small_robot", robot, new EpisodeRecorderOptions { ImageEncoding = ImageFormat.Png });
        var random = new Random(0);
        foreach (var (split, count) in new[] { ("train", episodes), ("val", 2) })
        {
            for (var episode = 0; episode < count; episode++)
            {
                recorder.Begin(Instructions[episode % 2], split);
                for (var step = 0; step < Steps; step++)
                {
                    var (x, y) = (random.Next(Size - 4), random.Next(Size - 4));
                    var direction = episode % 2 == 0 ? 0.1f : -0.1f;
                    recorder.Record(
                        new Observation(TimeSpan.FromSeconds(step * 0.2), new Dictionary<string, NdArray> { ["image_primary"] = Spot(x, y) }),
                        [direction * (x - (Size / 2)), direction * (y - (Size / 2))]);
                }

                recorder.End(success: true);
            }
        }

        recorder.Complete();
        File.WriteAllText(In("small_robot.jsonc"), """{ "name": "small_robot", "head": "arm", "images": { "primary": "top" }, "normalize_action": [true, true] }""");
        EmbeddingTable.Build(Instructions.Append("").Select((text, i) => (text, Enumerable.Range(0, 4).Select(d => d == i ? 1f : 0).ToArray()))).Save(In("texts.safetensors"));
        File.WriteAllText(ConfigurationPath, Json);
    }

    public string Path => _folder.FullName;

    public string ConfigurationPath => In("train.jsonc");

    public static string Json => """
        {
          "seed": 7, "steps": 6, "batch_size": 4, "folder": "FOLDER", "log_interval": 2,
          "model": {
            "observation_tokenizers": {
              "primary": { "module": "crossformer.model.components.tokenizers", "name": "ImageTokenizer", "kwargs": {
                "obs_stack_keys": ["image_primary"], "task_stack_keys": ["image_primary"], "task_film_keys": ["language_instruction"],
                "encoder": { "module": "crossformer.model.components.vit_encoders", "name": "PatchEncoder", "kwargs": { "patch_size": 4, "num_features": 16, "use_film": true } } } }
            },
            "task_tokenizers": {},
            "heads": {
              "arm": { "module": "crossformer.model.components.action_heads", "name": "L1ActionHead", "kwargs": {
                "action_horizon": 2, "action_dim": 2, "num_preds": 2, "pool_strategy": "pass", "readout_key": "readout_arm", "clip_pred": false, "constrain_loss_dims": true } }
            },
            "readouts": { "arm": 2 },
            "token_embedding_size": 16, "max_horizon": 4,
            "transformer_kwargs": { "num_layers": 1, "mlp_dim": 32, "num_attention_heads": 2, "dropout_rate": 0.1, "attention_dropout_rate": 0.0, "repeat_pos_enc": true }
          },
          "text_encoder": { "kind": "table", "path": "texts.safetensors" },
          "data": {
            "datasets": { "small_robot": 1 }, "dataset_files": ["small_robot.jsonc"], "views": ["primary"], "proprioception": false,
            "window_size": 2, "action_horizon": 2, "threads": 1,
            "images": { "primary": { "size": [16, 16], "augmentations": [{ "random_brightness": 0.05 }] } }
          },
          "optimizer": { "learning_rate": 3e-3, "clip_gradient": 1.0 },
          "validation": { "interval": 3, "batches": 1 },
          "checkpoints": { "interval": 2, "keep": 2 }
        }
        """;

    public string In(params string[] names) => System.IO.Path.Combine([Path, .. names]);

    /// <summary>The configuration of a run in the sub-folder <paramref name="run"/>.</summary>
    public TrainingConfiguration Configuration(string run, params string[] overrides) =>
        ConfigurationFile.Read(ConfigurationPath, [$"folder={In(run)}", $"data.folder={Path}", .. overrides]);

    public void Dispose() => _folder.Delete(recursive: true);

    private static NdArray Spot(int x, int y)
    {
        var pixels = new byte[Size * Size * 3];
        for (var i = 0; i < 16; i++)
            pixels.AsSpan((((y + (i / 4)) * Size) + x + (i % 4)) * 3, 3).Fill(255);
        return NdArray.From(pixels, Size, Size, 3);
    }
}

internal static class TrainingRuns
{
    /// <summary>Trains to the last step, unless the test run is cancelled.</summary>
    public static TrainingOutcome Finish(this TrainingRun run) => run.Run(stop: TestContext.Current.CancellationToken);
}
