using System.Text;
using CrossFormer.Configuration;
using CrossFormer.Data.Frames;
using CrossFormer.Data.Mixtures;
using CrossFormer.Data.OpenX;
using CrossFormer.Data.Rlds;
using CrossFormer.Data.Trajectories;
using CrossFormer.Statistics;
using CrossFormer.Text;
using CrossFormer.Training.Configuration;

namespace CrossFormer.Training.Runs;

/// <summary>What a configuration asks the loader for.</summary>
internal sealed class TrainingSources
{
    /// <summary>What the frames that validation is drawn from may take: it runs beside training, and a few batches are all that it draws.</summary>
    public const long ValidationBytes = 64L << 20;

    private readonly DataConfiguration _data;
    private readonly bool _maskAbsentProprioception;

    /// <summary>Opens the datasets' folders; reads no episode.</summary>
    /// <exception cref="ConfigurationException">A dataset is neither known nor described, or has no view that is asked for.</exception>
    /// <exception cref="DirectoryNotFoundException">A dataset's folder is not there.</exception>
    public TrainingSources(TrainingConfiguration configuration, CancellationToken cancellation = default)
    {
        var data = configuration.Data;
        (_data, _maskAbsentProprioception) = (data, configuration.MaskAbsentProprioception);
        var own = data.DatasetFiles.SelectMany(f => Directory.Exists(f) ? DatasetFile.ReadFolder(f) : [DatasetFile.Read(f)]).ToDictionary(d => d.Name);
        var datasets = (data.Datasets?.ToList() ?? [.. OpenXMixtures.Get(data.Mixture!).Datasets])
            .ConvertAll(d => (Dataset: Describe(data.MoreOf.GetValueOrDefault(d.Key, d.Key), own) with { Name = d.Key }, Weight: d.Value));
        var statistics = data.Statistics is { } given ? StatisticsCollection.Read(given) : null;
        All = ShareStatistics([.. datasets.Select(d => new WeightedSource(Open(d.Dataset, single: datasets.Count == 1, statistics), d.Weight))], data.MoreOf, cancellation);
        Paraphrases = data.Paraphrases is { } file ? Paraphrases.Read(file) : null;
        Heads = data.HeadToDataset ?? datasets.Select(d => d.Dataset)
            .Where(d => d.Head is not null)
            .GroupBy(d => d.Head!)
            .ToDictionary(g => g.Key, g => (IReadOnlyList<string>)[.. g.Select(d => d.Name)]);
    }

    /// <summary>The datasets with their weights.</summary>
    public IReadOnlyList<WeightedSource> All { get; }

    /// <summary>Datasets by head that learns from them.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Heads { get; }

    /// <summary>Instructions in other words; null: none.</summary>
    public Paraphrases? Paraphrases { get; }

    /// <summary>Shuffled, augmented, without end.</summary>
    public LoaderOptions Training(int batchSize, ulong seed) => Options(batchSize, seed, training: true) with { Split = _data.TrainSplit, BalanceWeights = _data.BalanceWeights };

    /// <summary>Of the validation episodes, without augmentation: shuffled without end, or every frame once in file order.</summary>
    public LoaderOptions Validation(int batchSize, ulong seed, bool ordered) =>
        Options(batchSize, seed, training: false) with { Split = _data.ValidationSplit ?? "val", Ordered = ordered, MemoryBudget = Math.Min(ValidationBytes, (long)_data.ShuffleMemoryMib << 20) };

    /// <summary>Reads datasets that have no statistics yet, whole; the loader finds them afterwards.</summary>
    public void ComputeStatistics(CancellationToken cancellation)
    {
        foreach (var source in All.Where(s => s.Weight > 0))
            StatisticsCache.GetOrCompute(source.Source, cancellation: cancellation);
    }

    /// <summary>
    /// The instructions' vectors that the datasets carry (<c>language_embedding</c>), as a table; null when they carry none.
    /// </summary>
    public ITextEncoder? OwnTexts(CancellationToken cancellation = default)
    {
        var entries = All.Where(s => s.Source.Dataset.Features.Any(f => f.Name.EndsWith("language_embedding", StringComparison.Ordinal)))
            .SelectMany(s => RecordedEpisode.Instructions(s.Source.Dataset.ReadEpisodes("all").TakeWhile(_ => { cancellation.ThrowIfCancellationRequested(); return true; }))).ToList();
        return entries.Count == 0 ? null : EmbeddingTable.Build(entries);
    }

    /// <summary>Checks before the first step that every dataset has a head to learn from it.</summary>
    /// <param name="heads">The model's.</param>
    /// <param name="only">The head that learns from all of them; null: each from its own.</param>
    /// <exception cref="ConfigurationException">Samples of a dataset would enter no loss.</exception>
    public void CheckHeads(IEnumerable<string> heads, string? only)
    {
        var known = heads.ToArray();
        var learned = known.Where(Heads.ContainsKey).SelectMany(h => Heads[h]).ToHashSet();
        if (only is null && All.FirstOrDefault(s => s.Weight > 0 && !learned.Contains(s.Source.Name)) is { } useless)
        {
            var head = Heads.FirstOrDefault(h => h.Value.Contains(useless.Source.Name)).Key;
            throw new ConfigurationException(
                head is null ? "$.data.head_to_dataset" : $"$.data.head_to_dataset.{head}",
                $"nothing would learn from {useless.Source.Name}: {(head is null ? "no head is named for it" : $"the model has no head '{head}'")}, it has {string.Join(", ", known)}; the dataset's file names its head, or finetune.head the one that learns from all");
        }
    }

    /// <summary>Checks before the first step that there are episodes to validate on.</summary>
    /// <exception cref="ConfigurationException">A dataset has none.</exception>
    public void CheckValidation(WeightedSource dataset)
    {
        try
        {
            dataset.Source.Dataset.Slices(_data.ValidationSplit ?? "val");
        }
        catch (ArgumentException e)
        {
            throw new ConfigurationException("$.data.validation_split", $"{dataset.Source.Name} has no episodes to validate on ({e.Message}); name others, or turn validation off with validation.batches=0", e);
        }
    }

    /// <summary>Checks before the first step that an encoder can encode what training may say.</summary>
    /// <exception cref="ConfigurationException">There is no encoder, or it is a table that lacks a paraphrase.</exception>
    public void CheckParaphrases(ITextEncoder? text)
    {
        const string path = "$.data.paraphrases";
        if (Paraphrases is null)
            return;
        if (text is null)
            throw new ConfigurationException(path, "the run has no text encoder, and the datasets carry no vectors of their instructions: nothing would read the paraphrases");
        if (text is not EmbeddingTable table)
            return;
        try
        {
            // Of instructions that the table does not have, no sample will come.
            foreach (var paraphrase in table.Texts.SelectMany(Paraphrases.Of))
                table.Encode(Encoding.UTF8.GetString(paraphrase.Span));
        }
        catch (UnknownTextException e)
        {
            throw new ConfigurationException(path, e.Message, e);
        }
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
            MaskAbsentProprioception = _maskAbsentProprioception,
            ActionDimension = _data.MaxActionDim,
            RelabelGoals = _data.GoalsAreRelabeled,
            MaxGoalDistance = _data.MaxGoalDistance,
            Heads = Heads,
            KeepImageProbability = _data.KeepImages,
            Paraphrases = Paraphrases,
            RephraseProbability = _data.RephraseProb,
            SubsampleLength = _data.SubsampleLength,
        },
        Frames = new FrameOptions
        {
            Training = training,
            ScaledDecoding = _data.ScaledDecoding,
            ImageDropout = _data.ImageDropoutProb,
            DropoutKeeps = _data.ImageDropoutKeep,
            Draws = _data.AugmentationDraws,
            Sizes = _data.Images.ToDictionary(i => i.Key, i => new ImageSize(i.Value.Size[0], i.Value.Size[1])),
            Augmentations = _data.Images.ToDictionary(i => i.Key, i => (IReadOnlyList<Augmentation>)[.. i.Value.Augmentations.Select(a => a.ToAugmentation())]),
        },
        MemoryBudget = (long)_data.ShuffleMemoryMib << 20,
        Workers = _data.Threads,
    };

    private DatasetSource Open(DatasetConfiguration dataset, bool single, StatisticsCollection? statistics)
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
        var given = statistics?.Unnamed ?? statistics?.Datasets.GetValueOrDefault(dataset.Name);
        return source with { Statistics = given, SkipNormalization = [.. _data.SkipNormKeys] };
    }

    private static IReadOnlyList<WeightedSource> ShareStatistics(IReadOnlyList<WeightedSource> all, IReadOnlyDictionary<string, string> moreOf, CancellationToken cancellation)
    {
        var byName = all.ToDictionary(s => s.Source.Name, s => s.Source);
        if (moreOf.FirstOrDefault(m => !byName.ContainsKey(m.Key) || !byName.ContainsKey(m.Value) || moreOf.ContainsKey(m.Value)) is { Key: { } name } wrong)
            throw new ConfigurationException($"$.data.more_of.{name}", $"expected that '{name}' and '{wrong.Value}' are both in the mixture, and that '{wrong.Value}' is more of no other");
        return [.. all.Select(s => moreOf.TryGetValue(s.Source.Name, out var other) && s.Source.Statistics is null
            ? s with { Source = s.Source with { Statistics = StatisticsCache.GetOrCompute(byName[other], cancellation: cancellation) } }
            : s)];
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
