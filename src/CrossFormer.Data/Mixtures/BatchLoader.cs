using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using System.Threading.Channels;
using CrossFormer.Data.Trajectories;
using CrossFormer.Statistics;

namespace CrossFormer.Data.Mixtures;

/// <summary>
/// Makes batches of one dataset or a mixture: reads, shuffles, transforms, decodes and augments on threads of its own, a few
/// batches ahead of the reader. What comes out is a function of the datasets, the options and the seed alone, never of the
/// number of threads or their timing. Read it with <c>await foreach</c> or with <see cref="Read"/>, from one place at a time.
/// </summary>
/// <remarks>
/// One thread decides the order of the samples (<see cref="MixtureSampler"/>); workers read the episodes that it will need, and
/// fill each batch's samples in any order; batches leave in the order in which they were begun. Dispose ends all threads.
/// </remarks>
public sealed class BatchLoader : IAsyncEnumerable<Batch>, IDisposable
{
    private readonly LoaderOptions _options;
    private readonly VisitReader[] _readers;
    private readonly LoaderState _start;
    private readonly Func<WorkerPool<FrameStage>, MixtureSampler> _createSampler;
    private readonly ConcurrentBag<BatchMemory> _free = [];
    private readonly Channel<Task<Batch>> _begun = Channel.CreateUnbounded<Task<Batch>>();
    private readonly StageClock _clock = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _ahead;
    private readonly SemaphoreSlim _reading = new(1);
    private readonly object _gate = new();
    private WorkerPool<FrameStage>? _workers;
    private Thread? _planner;
    private ExceptionDispatchInfo? _failure;

    /// <summary>Prepares a loader of one dataset.</summary>
    /// <inheritdoc cref="BatchLoader(IReadOnlyList{WeightedSource}, LoaderOptions, LoaderState)"/>
    public BatchLoader(DatasetSource source, LoaderOptions? options = null, LoaderState? state = null) : this([new WeightedSource(source)], options, state)
    {
    }

    /// <summary>
    /// Prepares a loader of a mixture. Statistics that a source does not carry are taken from their cache or computed, which
    /// reads the whole dataset once. Nothing else is read before the first batch is asked for.
    /// </summary>
    /// <param name="mixture">Datasets and weights. Those of weight 0 are left out.</param>
    /// <param name="options">How; null: the defaults.</param>
    /// <param name="state">Where to go on (<see cref="Batch.State"/>), under the same options; null: at the beginning.</param>
    /// <exception cref="ArgumentException">
    /// No dataset is left, one occurs twice, a weight is negative or not finite, the rank is outside the world size, a split selects no
    /// episode, or the state was saved under other options.
    /// </exception>
    public BatchLoader(IReadOnlyList<WeightedSource> mixture, LoaderOptions? options = null, LoaderState? state = null)
    {
        _options = options ??= new LoaderOptions();
        if (options.Rank < 0 || options.Rank >= options.WorldSize)
            throw new ArgumentException($"The rank {options.Rank} is not within a world of {options.WorldSize}.", nameof(options));
        if (mixture.FirstOrDefault(m => !double.IsFinite(m.Weight) || m.Weight < 0) is { } wrong)
            throw new ArgumentException($"{wrong.Source.Name} has the weight {wrong.Weight}; expected 0 or more.", nameof(mixture));
        var sources = mixture.Where(m => m.Weight > 0).ToArray();
        if (sources.Length == 0)
            throw new ArgumentException("The mixture holds no dataset of a weight above 0.", nameof(mixture));
        if (sources.GroupBy(s => s.Source.Name).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new ArgumentException($"The mixture holds {twice.Key} twice; name the weight once.", nameof(mixture));

        var pipelines = Array.ConvertAll(sources, s => new TrajectoryPipeline(s.Source, StatisticsCache.GetOrCompute(s.Source), options.Trajectories));
        Statistics = new StatisticsCollection(pipelines.ToDictionary(p => p.Source.Name, p => p.Statistics));
        Weights = Normalized([.. sources.Zip(pipelines, (s, p) => s.Weight * (options.BalanceWeights ? Steps(p) : 1))]);
        var random = new RandomStream(options.Seed);
        _readers = Array.ConvertAll(pipelines, p => new VisitReader(p, OpenFiles(p.Source, options), random.Fork(p.Source.Name), _clock));
        _start = state is null ? Beginning(options) : Checked(state);
        _createSampler = workers => CreateSampler(workers, random);
        _ahead = new SemaphoreSlim(options.Prefetch);
    }

    /// <summary>The statistics that each dataset is normalised by: what a checkpoint must carry.</summary>
    public StatisticsCollection Statistics { get; }

    /// <summary>Each dataset's part of the samples, adding up to 1, in the order of the mixture. In an ordered pass they do not matter.</summary>
    public IReadOnlyList<double> Weights { get; }

    /// <summary>What the workers have spent their time on so far.</summary>
    public LoaderTimes Times => _clock.Times;

    /// <summary>Whether a thread of the loader runs: from the first read to <see cref="Dispose"/>.</summary>
    internal bool IsRunning => _workers?.IsAlive == true || _planner?.IsAlive == true;

    /// <summary>The next batch, waiting for it if need be. Dispose it to have its memory used again.</summary>
    /// <returns>Null at the end of an ordered pass; a shuffled loader does not end.</returns>
    /// <exception cref="DataLoadException">An episode or an image is damaged; says where. The loader then gives no more batches.</exception>
    /// <exception cref="InvalidOperationException">The datasets' fields differ, or no episode of one is used.</exception>
    /// <exception cref="OperationCanceledException">The read was cancelled; the batch comes with the next one.</exception>
    /// <exception cref="ObjectDisposedException">The loader was disposed.</exception>
    public Batch? Read(CancellationToken cancellation = default) => ReadAsync(cancellation).AsTask().GetAwaiter().GetResult();

    /// <inheritdoc cref="Read"/>
    public async ValueTask<Batch?> ReadAsync(CancellationToken cancellation = default)
    {
        Start();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _stop.Token);
        try
        {
            await _reading.WaitAsync(either.Token).ConfigureAwait(false);
            try
            {
                _failure?.Throw();
                if (!await _begun.Reader.WaitToReadAsync(either.Token).ConfigureAwait(false))
                    return _stop.IsCancellationRequested ? throw new ObjectDisposedException(nameof(BatchLoader)) : null;
                _begun.Reader.TryPeek(out var next);
                var batch = await next!.WaitAsync(either.Token).ConfigureAwait(false);
                _begun.Reader.TryRead(out _);
                _ahead.Release();
                return batch;
            }
            catch (Exception e) when (e is not (OperationCanceledException or ObjectDisposedException))
            {
                _failure = ExceptionDispatchInfo.Capture(e);
                throw;
            }
            finally
            {
                _reading.Release();
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            throw new ObjectDisposedException(nameof(BatchLoader));
        }
    }

    /// <summary>The batches from where the loader stands.</summary>
    /// <inheritdoc cref="Read" path="/exception"/>
    public async IAsyncEnumerator<Batch> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        while (await ReadAsync(cancellationToken).ConfigureAwait(false) is { } batch)
            yield return batch;
    }

    /// <summary>Ends all threads, waiting for what they are at. Batches handed out stay valid.</summary>
    public void Dispose()
    {
        _stop.Cancel();
        lock (_gate)
        {
            _planner?.Join();
            _workers?.Dispose();
        }
    }

    private void Start()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_stop.IsCancellationRequested, this);
            if (_workers is not null)
                return;
            _workers = new WorkerPool<FrameStage>(_options.Workers ?? Environment.ProcessorCount, "batch worker", () => new FrameStage(_options.Frames, _clock));
            _planner = new Thread(Plan) { IsBackground = true, Name = "batch planner" };
            _planner.Start();
        }
    }

    private void Plan()
    {
        try
        {
            var sampler = _createSampler(_workers!);
            BatchLayout? layout = null;
            while (true)
            {
                _ahead.Wait(_stop.Token);
                var frames = sampler.Next(_options.BatchSize, _stop.Token);
                if (frames.Count == 0)
                    break;
                layout ??= new BatchLayout(frames[0].Frame.Visit.Trajectory!, _options.Frames);
                foreach (var visit in frames.Select(f => f.Frame.Visit).Distinct(ReferenceEqualityComparer.Instance).Cast<Visit>())
                    layout.Check(visit.Trajectory!);
                _begun.Writer.TryWrite(Begin(layout, frames, sampler.State));
            }

            _begun.Writer.Complete();
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            _begun.Writer.Complete();
        }
        catch (Exception e)
        {
            _begun.Writer.Complete(e);
        }
    }

    // Hands out a batch's samples to the workers, a few neighbours each: in an ordered pass these share most of their images.
    private Task<Batch> Begin(BatchLayout layout, List<(int Dataset, Frame Frame)> frames, LoaderState state)
    {
        var memory = BatchMemory.Rent(layout, _options.BatchSize, _free);
        var texts = Array.ConvertAll(layout.Texts, _ => new string[frames.Count]);
        var done = new TaskCompletionSource<Batch>(TaskCreationOptions.RunContinuationsAsynchronously);
        var origins = frames.Select(f => new SampleOrigin(_readers[f.Dataset].Name, f.Frame.Visit.Part.Epoch, f.Frame.Visit.Part.Episode, f.Frame.Step)).ToArray();
        var piece = Math.Clamp(frames.Count / (2 * _workers!.Count), 1, 8);
        var left = (frames.Count + piece - 1) / piece;
        for (var first = 0; first < frames.Count; first += piece)
        {
            var (from, to) = (first, Math.Min(first + piece, frames.Count));
            _workers.Post(
                stage =>
                {
                    try
                    {
                        stage.Begin();
                        for (var i = from; i < to && !_stop.IsCancellationRequested; i++)
                            stage.Fill(frames[i].Frame, layout, memory, texts, i, _readers[frames[i].Dataset].ReadOptions);
                        stage.End();
                    }
                    catch (Exception e)
                    {
                        done.TrySetException(e);
                    }

                    if (Interlocked.Decrement(ref left) > 0)
                        return;
                    if (_stop.IsCancellationRequested)
                        done.TrySetCanceled();
                    else
                        done.TrySetResult(memory.ToBatch(texts, origins, state, _free));
                },
                urgent: false);
        }

        return done.Task;
    }

    private MixtureSampler CreateSampler(WorkerPool<FrameStage> workers, RandomStream random)
    {
        double[] weights = [.. Weights];
        var sizes = Array.ConvertAll(_readers, r => r.Files.Bytes / _options.WorldSize);
        var shares = MemoryShares.Split(_options.MemoryBudget, weights, sizes);
        var ahead = MemoryShares.Allocate(2 * workers.Count, weights);
        var streams = new FrameStream[_readers.Length];
        for (var i = 0; i < streams.Length; i++)
        {
            var (reader, name) = (_readers[i], _readers[i].Name);
            var parts = _options.Ordered ? 1 : MemoryShares.Parts(shares[i], sizes[i], reader.Files.Count, _options.MaxReadsPerEpisode);
            var order = new EpisodeOrder(reader.Files.Count, parts, _options.Ordered ? null : random.Fork("order").Fork(name), _options.Rank, _options.WorldSize);
            streams[i] = new FrameStream(reader, order, _options.Ordered ? 0 : shares[i], ahead[i], workers, _start.Streams.GetValueOrDefault(name));
        }

        return new MixtureSampler(streams, _options.Ordered ? null : weights, random.Fork("mixture").Fork((ulong)_options.Rank), _start);
    }

    private static Rlds.EpisodeFiles OpenFiles(DatasetSource source, LoaderOptions options) => source.Dataset.OpenFiles(
        options.Split ?? (options.Ordered ? source.Dataset.ValidationSplit : source.Dataset.TrainingSplit), source.ReadOptions);

    private static long Steps(TrajectoryPipeline pipeline) => pipeline.Statistics.NumTransitions ??
        throw new ArgumentException($"The statistics of {pipeline.Source.Name} do not say its number of steps, by which its weight shall be multiplied ({nameof(LoaderOptions.BalanceWeights)}).");

    private static double[] Normalized(double[] weights)
    {
        var sum = weights.Sum();
        return Array.ConvertAll(weights, w => w / sum);
    }

    private static LoaderState Beginning(LoaderOptions options) => new()
    {
        Seed = options.Seed,
        Rank = options.Rank,
        WorldSize = options.WorldSize,
        MemoryBudget = options.Ordered ? 0 : options.MemoryBudget,
        Samples = 0,
        Streams = new Dictionary<string, StreamPosition>(),
    };

    private LoaderState Checked(LoaderState state)
    {
        var own = Beginning(_options);
        if (own with { Samples = state.Samples, Streams = state.Streams } != state)
        {
            throw new ArgumentException(
                $"The state was saved under seed {state.Seed}, rank {state.Rank} of {state.WorldSize} and a memory budget of {state.MemoryBudget} bytes; " +
                $"the options say {own.Seed}, {own.Rank} of {own.WorldSize} and {own.MemoryBudget}. Set them alike, or start without a state.", nameof(state));
        }

        string[] names = [.. _readers.Select(r => r.Name).Order()], saved = [.. state.Streams.Keys.Order()];
        return names.SequenceEqual(saved) || state.Samples == 0 ? state
            : throw new ArgumentException($"The state was saved for the datasets {string.Join(", ", saved)}; the mixture holds {string.Join(", ", names)}.", nameof(state));
    }
}
