using CrossFormer.Configuration;
using CrossFormer.Data.Frames;
using CrossFormer.Data.Mixtures;
using CrossFormer.Data.OpenX;
using CrossFormer.Data.Rlds;
using CrossFormer.Data.Trajectories;
using CrossFormer.Text;
using CrossFormer.Training.Configuration;

namespace CrossFormer.Training.Runs;

/// <summary>What the data section of a configuration asks the loader for.</summary>
internal sealed class TrainingSources
{
    private readonly DataConfiguration _data;

    /// <summary>Opens the datasets' folders; reads no episode.</summary>
    /// <exception cref="ConfigurationException">A dataset is neither known nor described, or has no view that is asked for.</exception>
    /// <exception cref="DirectoryNotFoundException">A dataset's folder is not there.</exception>
    public TrainingSources(DataConfiguration data)
    {
        _data = data;
        var own = data.DatasetFiles.SelectMany(f => Directory.Exists(f) ? DatasetFile.ReadFolder(f) : [DatasetFile.Read(f)]).ToDictionary(d => d.Name);
        var datasets = (data.Datasets?.ToList() ?? [.. OpenXMixtures.Get(data.Mixture!).Datasets]).ConvertAll(d => (Dataset: Describe(d.Key, own), Weight: d.Value));
        All = [.. datasets.Select(d => new WeightedSource(Open(d.Dataset, single: datasets.Count == 1), d.Weight))];
        Heads = data.HeadToDataset ?? datasets.Select(d => d.Dataset)
            .Where(d => d.Head is not null)
            .GroupBy(d => d.Head!)
            .ToDictionary(g => g.Key, g => (IReadOnlyList<string>)[.. g.Select(d => d.Name)]);
    }

    /// <summary>The datasets with their weights.</summary>
    public IReadOnlyList<WeightedSource> All { get; }

    /// <summary>Datasets by head that learns from them.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Heads { get; }

    /// <summary>Shuffled, augmented, without end.</summary>
    public LoaderOptions Training(int batchSize, ulong seed) => Options(batchSize, seed, training: true) with { Split = _data.TrainSplit, BalanceWeights = _data.BalanceWeights };

    /// <summary>Of the validation episodes, without augmentation: shuffled without end, or every frame once in file order.</summary>
    public LoaderOptions Validation(int batchSize, ulong seed, bool ordered) =>
        Options(batchSize, seed, training: false) with { Split = _data.ValidationSplit ?? "val", Ordered = ordered };

    /// <summary>
    /// The instructions' vectors that the datasets carry (<c>language_embedding</c>), as a table; null when they carry none.
    /// </summary>
    public ITextEncoder? OwnTexts()
    {
        var entries = All.Where(s => s.Source.Dataset.Features.Any(f => f.Name.EndsWith("language_embedding", StringComparison.Ordinal)))
            .SelectMany(s => RecordedEpisode.Instructions(s.Source.Dataset.ReadEpisodes("all"))).ToList();
        return entries.Count == 0 ? null : EmbeddingTable.Build(entries);
    }

    private LoaderOptions Options(int batchSize, ulong seed, bool training) => new()
    {
        BatchSize = batchSize,
        Seed = seed,
        Trajectories = new TrajectoryOptions
        {
            Training = training,
            Chunks = new ChunkOptions { Window = _data.WindowSize, Horizon = _data.ActionHorizon },
            SkipUnlabeled = _data.SkipUnlabeled,
            MaxAction = _data.MaxAction,
            MaxProprio = _data.MaxProprio,
            ActionDimension = _data.MaxActionDim,
            RelabelGoals = _data.GoalsAreRelabeled,
            MaxGoalDistance = _data.MaxGoalDistance,
            Heads = Heads,
            KeepImageProbability = _data.KeepImages,
            SubsampleLength = _data.SubsampleLength,
        },
        Frames = new FrameOptions
        {
            Training = training,
            ScaledDecoding = _data.ScaledDecoding,
            Sizes = _data.Images.ToDictionary(i => i.Key, i => new ImageSize(i.Value.Size[0], i.Value.Size[1])),
            Augmentations = _data.Images.ToDictionary(i => i.Key, i => (IReadOnlyList<Augmentation>)[.. i.Value.Augmentations.Select(a => a.ToAugmentation())]),
        },
        MemoryBudget = (long)_data.ShuffleMemoryMib << 20,
        Workers = _data.Threads,
    };

    private DatasetSource Open(DatasetConfiguration dataset, bool single)
    {
        DatasetSpecification specification;
        try
        {
            specification = dataset.Resolve(new DatasetOptions
            {
                Views = _data.Views,
                Depth = _data.Depth,
                Proprioception = _data.Proprioception,
                ProprioceptionWidths = _data.ProprioceptionWidths,
                Normalization = _data.Normalization,
                Corrected = _data.CorrectedTransforms,
            });
        }
        catch (ArgumentException e)
        {
            throw new ConfigurationException("$.data.views", e.Message, e);
        }

        // A folder that is a dataset itself can only be the one of a single dataset.
        var source = specification.Open(single ? _data.Folder : Path.Combine(_data.Folder, dataset.Name));
        return source with { SkipNormalization = [.. _data.SkipNormKeys] };
    }

    private static DatasetConfiguration Describe(string name, Dictionary<string, DatasetConfiguration> own)
    {
        try
        {
            return own.TryGetValue(name, out var described) ? described : OpenXDatasets.Get(name);
        }
        catch (KeyNotFoundException e)
        {
            throw new ConfigurationException("$.data.datasets", $"{e.Message} (data.dataset_files names such files)", e);
        }
    }
}
