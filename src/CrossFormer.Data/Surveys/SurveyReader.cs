using CrossFormer.Arrays;
using CrossFormer.Data.Rlds;
using CrossFormer.Formats;
using CrossFormer.Images;

namespace CrossFormer.Data.Surveys;

/// <summary>Reads every episode once and collects a <see cref="DatasetSurvey"/>.</summary>
internal sealed class SurveyReader
{
    // A page of more small charts than this serves nobody; beyond, places along the last dimension are taken together.
    private const int MostDimensions = 64;

    private readonly RldsDataset _dataset;
    private readonly SurveyOptions _options;
    private readonly (RldsFeature Feature, RunningDistribution[] Dimensions)[] _numbers;
    private readonly Camera[] _cameras;
    private readonly string? _instruction;
    private readonly Dictionary<string, int> _instructions = [];
    private readonly Dictionary<(uint Checksum, int Length), string> _seen = [];
    private readonly Dictionary<(string Split, string First), int> _repeated = [];
    private readonly SortedSet<string> _unreadable = new(StringComparer.Ordinal);
    private int _skipped;

    public SurveyReader(RldsDataset dataset, SurveyOptions options)
    {
        (_dataset, _options) = (dataset, options);
        var steps = dataset.Features.Where(f => f.PerStep).ToArray();
        _numbers = [.. steps.Where(IsActionOrProprioception).Select(f => (f, Distributions(f)))];
        _cameras = [.. steps.Where(f => f.Kind == RldsFeatureKind.Image && f.SequenceLengths.Count == 0).OrderBy(f => f.Name, StringComparer.Ordinal).Select(f => new Camera(f))];
        _instruction = steps.Where(f => f.Kind is RldsFeatureKind.Text or RldsFeatureKind.Tensor && f.DType is null && f.Shape.Count == 0 && f.SequenceLengths.Count == 0)
            .Select(f => f.Name).Where(n => n.Contains("instruction", StringComparison.Ordinal)).OrderBy(n => n != "language_instruction").FirstOrDefault();
    }

    public DatasetSurvey Read(IProgress<long>? progress, CancellationToken cancellation)
    {
        var reading = _options.Reading with
        {
            OnSkipped = (records, problem) =>
            {
                _skipped += records;
                _options.Reading.OnSkipped?.Invoke(records, problem);
            },
        };
        var samples = Samples();
        var read = 0L;
        var splits = SplitSurvey.ReadAll(_dataset, _options with { Reading = reading }, (split, number, episode) =>
        {
            Add(episode, split, number, samples.Contains((split, number)));
            progress?.Report(++read);
        }, cancellation);
        var survey = new DatasetSurvey
        {
            Dataset = _dataset,
            Splits = splits,
            Numbers = [.. _numbers.Select(n => new NumberSurvey(n.Feature, [.. n.Dimensions.Select(d => d.Summarize())]))],
            Cameras = [.. _cameras.Select(c => c.Summarize())],
            InstructionFeature = _instruction,
            Instructions = [.. _instructions.OrderByDescending(i => i.Value).ThenBy(i => i.Key, StringComparer.Ordinal)],
            Repeated = [.. _repeated.Select(r => (r.Key.Split, r.Key.First, r.Value))],
            Skipped = _skipped,
            Findings = [],
        };
        return survey with { Findings = [.. SurveyFindings.Of(survey), .. _unreadable] };
    }

    private static bool IsActionOrProprioception(RldsFeature feature) =>
        feature.Kind == RldsFeatureKind.Tensor && feature.DType is { } dtype && dtype != DType.Bool && feature.SequenceLengths.Count == 0 && feature.UnknownDimensions == 0 &&
        (feature.Name == "action" || feature.Name.StartsWith("action", StringComparison.Ordinal) && feature.Name.Contains('/') || feature.Name.StartsWith("observation/", StringComparison.Ordinal)) &&
        (NdArray.ElementCount([.. feature.Shape]) <= MostDimensions || feature.Shape[^1] <= MostDimensions);

    private static RunningDistribution[] Distributions(RldsFeature feature)
    {
        var count = NdArray.ElementCount([.. feature.Shape]);
        return [.. Enumerable.Range(0, count <= MostDimensions ? count : feature.Shape[^1]).Select(_ => new RunningDistribution())];
    }

    // Evenly over all that will be read, the first and the last among them.
    private HashSet<(string Split, int Episode)> Samples()
    {
        var all = _dataset.Splits.Sum(s => (long)_options.Most(s));
        var count = Math.Min(all, Math.Max(_options.SampleEpisodes, 1));
        var samples = new HashSet<(string, int)>();
        for (var i = 0L; i < count; i++)
        {
            var at = count == 1 ? 0 : i * (all - 1) / (count - 1);
            foreach (var split in _dataset.Splits)
            {
                if (at < _options.Most(split))
                {
                    samples.Add((split.Name, (int)at));
                    break;
                }

                at -= _options.Most(split);
            }
        }

        return samples;
    }

    private void Add(RldsEpisode episode, string split, int number, bool isSample)
    {
        foreach (var (feature, dimensions) in _numbers)
        {
            var values = episode.Steps.Array(feature.Name).ToDoubles();
            for (var i = 0; i < values.Length; i++)
                dimensions[i % dimensions.Length].Add(values[i]);
        }

        if (episode.StepCount == 0)
            return;
        var content = (Crc32C.Compute(episode.Record.Data.Span), episode.Record.Data.Length);
        if (!_seen.TryAdd(content, split))
        {
            var first = _seen[content];
            _repeated[(split, first)] = _repeated.GetValueOrDefault((split, first)) + 1;
        }

        if (_instruction is not null)
        {
            var text = episode.Steps.Texts(_instruction)[0];
            _instructions[text] = _instructions.GetValueOrDefault(text) + 1;
        }

        foreach (var camera in _cameras)
        {
            try
            {
                camera.Add(episode, split, number, isSample, _options.FilmFrames);
            }
            catch (CorruptFileException e)
            {
                // The survey goes on: a broken image is a finding, and the record around it is whole.
                _unreadable.Add(e.Message);
            }
        }
    }

    private sealed class Camera(RldsFeature feature)
    {
        // JPEG makes a little noise of black.
        private const byte NearlyBlack = 8;

        private readonly Dictionary<(int, int), int> _sizes = [];
        private readonly List<SampleFrame> _first = [];
        private List<SampleFrame> _film = [];
        private long _images, _bytes;

        public CameraSurvey Summarize() => new(feature, _images, _bytes, [.. _sizes.OrderByDescending(s => s.Value)], _first, _film)
        {
            IsBlack = _first.Count > 0 && _first.TrueForAll(f => ImageCodec.Decode(f.Image.Span, name: feature.Name).Bytes.Span.IndexOfAnyExceptInRange((byte)0, NearlyBlack) < 0),
        };

        public void Add(RldsEpisode episode, string split, int number, bool isSample, int filmFrames)
        {
            var images = episode.Steps.Images(feature.Name).Encoded;
            _images += images.Count;
            _bytes += images.Sum(i => (long)i.Length);
            var header = ImageCodec.ReadHeader(images[0].Span, $"{split} {number}: the first image of '{feature.Name}'");
            _sizes[(header.Height, header.Width)] = _sizes.GetValueOrDefault((header.Height, header.Width)) + 1;
            // Depth is no picture to look at.
            if (feature.DType != DType.UInt8)
                return;
            // Copies: a frame would otherwise keep its whole record.
            if (isSample)
                _first.Add(new SampleFrame(images[0].ToArray(), split, number, 0));
            if (_film.Count == 0)
                _film = [.. Evenly(images.Count, filmFrames).Select(t => new SampleFrame(images[t].ToArray(), split, number, t))];
        }

        private static IEnumerable<int> Evenly(int count, int wanted) => Enumerable.Range(0, Math.Min(count, wanted))
            .Select(i => count <= wanted ? i : (int)Math.Round(i * (count - 1.0) / Math.Max(wanted - 1, 1)));
    }
}
