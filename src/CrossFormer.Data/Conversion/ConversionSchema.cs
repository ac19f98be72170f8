using CrossFormer.Arrays;
using CrossFormer.Data.Rlds;
using CrossFormer.Images;

namespace CrossFormer.Data.Conversion;

/// <summary>The features of the dataset that a conversion writes, taken from the first episode, and any episode's columns for them.</summary>
internal sealed class ConversionSchema
{
    private const string Observation = "observation/";
    private const string Action = "action";
    private const string Timestamp = "timestamp";
    private const string FilePath = "episode_metadata/file_path";

    // What has so many numbers a step is depth or a map, and worth compressing.
    private const int CompressedFrom = 4096;

    private readonly ConversionOptions _options;
    private readonly string _firstEpisode;
    private readonly OrderedDictionary<string, RldsFeature> _cameras = [];
    private readonly OrderedDictionary<string, RldsFeature> _numbers = [];
    private readonly OrderedDictionary<string, RldsFeature> _texts = [];
    private readonly RldsFeature _file = RldsFeature.Text(FilePath, perStep: false);
    private readonly RldsFeature? _success;

    public ConversionSchema(SourceEpisode first, string path, SourceEntry entry, ConversionOptions options)
    {
        options.Images.Check();
        if (options.FramesPerSecond is <= 0 or double.NaN)
            throw new ArgumentException($"Steps a second: expected a positive number, got {options.FramesPerSecond}.", nameof(options));
        (_options, _firstEpisode) = (options, entry.Name);
        CheckNames(first);
        foreach (var (name, frames) in first.Cameras.Where(c => !IsDropped(c.Key)))
            _cameras.Add(name, CameraFeature(name, frames, path, entry));
        if (first.Numbers.FirstOrDefault(n => !IsDropped(n.Key) && n.Value.Count == 0) is { Key: { } empty })
            throw new EpisodeSourceException(path, entry.Name, $"'{empty}' is {first.Numbers[empty]}, which holds nothing; leave it out (--drop {empty})");
        foreach (var (name, values) in first.Numbers.Where(n => !IsDropped(n.Key) && n.Key != Timestamp))
            _numbers.Add(name, NumbersFeature(name, Vector(name, values), first.Descriptions.GetValueOrDefault(name, "")));
        if (!_numbers.ContainsKey(Action))
            throw new EpisodeSourceException(path, entry.Name, $"there is no '{Action}'; there are {string.Join(", ", first.Numbers.Keys.Concat(first.Cameras.Keys))}");
        if (Times(first) is { } times)
            _numbers.Add(Timestamp, NumbersFeature(Timestamp, times, "seconds"));
        foreach (var name in first.Texts.Keys.Where(n => !IsDropped(n)))
            _texts.Add(name, RldsFeature.Text(name));
        if (first.Success is not null)
            _success = RldsFeature.Tensor(StandardSteps.Success, DType.Bool, [], perStep: false);
        Features = [.. _cameras.Values, .. _numbers.Values, .. _texts.Values, .. StandardSteps.Features, _file, .. _success is null ? [] : new[] { _success }];
    }

    public IReadOnlyList<RldsFeature> Features { get; }

    /// <summary>An episode's columns. Its frames are read and encoded here, some at a time.</summary>
    public List<RldsColumn> Columns(SourceEpisode episode, string path, SourceEntry entry, CancellationToken cancellation)
    {
        CheckSame("camera", _cameras.Keys, episode.Cameras.Keys);
        CheckSame("column", _numbers.Keys.Where(n => n != Timestamp), episode.Numbers.Keys.Where(n => n != Timestamp));
        CheckSame("text column", _texts.Keys, episode.Texts.Keys);
        var columns = new List<RldsColumn>();
        foreach (var (name, feature) in _cameras)
            columns.Add(new ImageColumn(feature, Encode(name, feature, episode, path, entry, cancellation)));
        foreach (var (name, feature) in _numbers)
        {
            var values = name == Timestamp ? Times(episode) : Narrow(Vector(name, episode.Numbers[name]));
            if (values is null)
                throw Wrong($"it has no times, '{_firstEpisode}' has; give the steps a second");
            if (values.DType != feature.DType || !values.Shape.AsSpan(1).SequenceEqual([.. feature.Shape]))
                throw Wrong($"'{name}' is {values.DType.NumpyName()}[{string.Join(',', values.Shape.Skip(1))}] a step, in '{_firstEpisode}' it is {feature}");
            if (values.Shape[0] != episode.StepCount)
                throw Wrong($"'{name}' has {values.Shape[0]} rows, '{Action}' has {episode.StepCount}");
            columns.Add(new ArrayColumn(feature, values));
        }

        foreach (var (name, feature) in _texts)
            columns.Add(new BytesColumn(feature, episode.Texts[name]));
        var instructions = episode.Instructions ?? [.. Enumerable.Repeat(_options.Instruction, episode.StepCount)];
        // Demonstrations end with their task done unless somebody says otherwise.
        columns.AddRange(StandardSteps.Columns(instructions, episode.Success ?? true, Rewards(episode)));
        columns.Add(new BytesColumn(_file, [entry.Name]));
        if (_success is not null)
            columns.Add(new ArrayColumn(_success, NdArray.From([episode.Success ?? throw Wrong($"it does not say whether it succeeded, '{_firstEpisode}' does")], [])));
        return columns;

        EpisodeSourceException Wrong(string problem) => new(path, entry.Name, problem);

        void CheckSame(string what, IEnumerable<string> expected, IEnumerable<string> found)
        {
            var names = found.Where(n => !IsDropped(n)).ToHashSet();
            foreach (var name in expected)
            {
                if (!names.Remove(name))
                    throw Wrong($"the {what} '{name}' is missing; '{_firstEpisode}' has it");
            }

            if (names.Count > 0)
                throw Wrong($"the {what} '{names.First()}' is not in '{_firstEpisode}'; drop it, or convert the episode by itself");
        }
    }

    private ReadOnlyMemory<byte>[] Encode(string name, RldsFeature feature, SourceEpisode episode, string path, SourceEntry entry, CancellationToken cancellation)
    {
        var encoder = Encoder(name);
        // One too many tells that there are more, without reading them all.
        ReadOnlyMemory<byte>[] images =
        [
            .. episode.Cameras[name].Take(episode.StepCount + 1).Index().SelectInOrder(2 * Environment.ProcessorCount, frame =>
            {
                cancellation.ThrowIfCancellationRequested();
                var file = encoder.Encode(frame.Item, $"{path}, {entry.Name}: frame {frame.Index} of '{name}'");
                var header = ImageCodec.ReadHeader(file.Span);
                return header.Height == feature.Shape[0] && header.Width == feature.Shape[1]
                    ? file
                    : throw new EpisodeSourceException(path, entry.Name, $"frame {frame.Index} of '{name}' has {header.Height}x{header.Width} pixels, the first of '{_firstEpisode}' has {feature.Shape[0]}x{feature.Shape[1]}; give one size to resize to");
            }),
        ];
        return images.Length == episode.StepCount
            ? images
            : throw new EpisodeSourceException(path, entry.Name, $"the camera '{name}' has {(images.Length > episode.StepCount ? "more than " + episode.StepCount : images.Length)} frames, '{Action}' has {episode.StepCount} rows");
    }

    private RldsFeature CameraFeature(string name, IEnumerable<SourceFrame> frames, string path, SourceEntry entry)
    {
        foreach (var frame in frames)
        {
            var file = Encoder(name).Encode(frame, $"{path}, {entry.Name}: frame 0 of '{name}'");
            var header = ImageCodec.ReadHeader(file.Span);
            return RldsFeature.Image(name, header.Height, header.Width, header.Format, header.Channels == 1 ? 1 : 3);
        }

        throw new EpisodeSourceException(path, entry.Name, $"the camera '{name}' has no frame");
    }

    private static RldsFeature NumbersFeature(string name, NdArray values, string description)
    {
        var narrow = Narrow(values);
        var shape = narrow.Shape[1..];
        return RldsFeature.Tensor(name, narrow.DType, shape, NdArray.ElementCount(shape) >= CompressedFrom ? TensorEncoding.Zlib : TensorEncoding.None) with { Description = description };
    }

    // Records hold float32: a float64 feature would come back rounded, and pretend not to be.
    private static NdArray Narrow(NdArray values) => values.DType is DType.Float64 or DType.Float16 or DType.BFloat16 ? NdArray.From(values.ToSingles(), values.Shape) : values;

    // An action of one number is a vector of one: whoever reads datasets expects [steps, dimension].
    private static NdArray Vector(string name, NdArray values) => name == Action && values.Shape.Length == 1 ? values.Reshape(values.Shape[0], 1) : values;

    private NdArray? Times(SourceEpisode episode)
    {
        if (IsDropped(Timestamp))
            return null;
        if (_options.FramesPerSecond is null && episode.Numbers.TryGetValue(Timestamp, out var recorded))
            return Narrow(recorded).Reshape(recorded.Shape[0]);
        return (_options.FramesPerSecond ?? episode.FramesPerSecond) is { } rate
            ? NdArray.From([.. Enumerable.Range(0, episode.StepCount).Select(t => (float)(t / rate))], episode.StepCount)
            : null;
    }

    private static NdArray? Rewards(SourceEpisode episode) => episode.Rewards is { } rewards ? NdArray.From(rewards.ToSingles(), episode.StepCount) : null;

    private FrameEncoder Encoder(string name) => new(_options.Images, Names(_options.SwapRedBlue, name), Names(_options.UpsideDown, name));

    private bool IsDropped(string name) => Names(_options.Drop, name);

    private static bool Names(IReadOnlyCollection<string> list, string name) => list.Any(n => n == name || Observation + n == name);

    private void CheckNames(SourceEpisode first)
    {
        Check(_options.SwapRedBlue.Concat(_options.UpsideDown), "camera", [.. first.Cameras.Keys]);
        Check(_options.Drop, "feature", [.. first.Cameras.Keys.Concat(first.Numbers.Keys).Concat(first.Texts.Keys).Append(Timestamp).Distinct()]);

        static void Check(IEnumerable<string> asked, string what, string[] known)
        {
            foreach (var name in asked)
            {
                if (!known.Any(k => k == name || k == Observation + name))
                    throw new ArgumentException($"There is no {what} '{name}'; there are {string.Join(", ", known)}.");
            }
        }
    }
}
