using CrossFormer.Arrays;
using CrossFormer.Data.Rlds;

namespace CrossFormer.Data.Trajectories;

/// <summary>
/// An episode in memory: named columns of equal length. Names are paths joined by '/', as the dataset nests them:
/// <c>observation/image_primary</c>, <c>action</c>, <c>language_instruction</c>, and <c>traj_metadata/…</c> for what belongs to
/// the whole episode, repeated at every step. Immutable and thread-safe; changing one gives another that shares its columns.
/// Columns are decoded and cut when asked for, once: what nobody reads costs nothing.
/// </summary>
public sealed class Trajectory
{
    /// <summary>Under this lie the features of the episode itself.</summary>
    public const string MetadataPrefix = "traj_metadata/";

    private readonly OrderedDictionary<string, Lazy<TrajectoryColumn>> _columns;

    /// <summary>An episode of columns already in memory.</summary>
    /// <param name="dataset">The dataset's name.</param>
    /// <param name="length">Number of steps; may be 0.</param>
    /// <param name="columns">Names and columns, each of that length.</param>
    /// <param name="origin">Where it comes from, for error messages: file and record; empty when made in memory.</param>
    /// <exception cref="ArgumentException">A column has another length, or a name lies below another.</exception>
    public Trajectory(string dataset, int length, IEnumerable<KeyValuePair<string, TrajectoryColumn>>? columns = null, string origin = "")
        : this(dataset, length, origin, [])
    {
        foreach (var (name, column) in columns ?? [])
        {
            CheckLength(name, column);
            Put(_columns, name, Ready(column));
        }
    }

    private Trajectory(string dataset, int length, string origin, OrderedDictionary<string, Lazy<TrajectoryColumn>> columns)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        (Dataset, Length, Origin, _columns) = (dataset, length, origin, columns);
    }

    /// <summary>The dataset's name.</summary>
    public string Dataset { get; }

    /// <summary>Number of steps; may be 0.</summary>
    public int Length { get; }

    /// <summary>Where it comes from, for error messages: file and record; empty when made in memory.</summary>
    public string Origin { get; }

    /// <summary>All columns' names, in order.</summary>
    public IReadOnlyCollection<string> Names => _columns.Keys;

    /// <summary>Whether there is a column of exactly that name.</summary>
    public bool Contains(string name) => _columns.ContainsKey(name);

    /// <summary>A column.</summary>
    /// <exception cref="KeyNotFoundException">There is none of that name; the message lists those that there are.</exception>
    /// <exception cref="NotSupportedException">The dataset keeps there what no column can hold: values whose shape varies.</exception>
    /// <exception cref="Formats.CorruptFileException">The record is damaged there.</exception>
    public TrajectoryColumn this[string name] => Find(name).Value;

    /// <summary>The values of a column of numbers: [<see cref="Length"/>, …].</summary>
    /// <inheritdoc cref="this[string]" path="/exception"/>
    /// <exception cref="InvalidOperationException">The column holds no numbers.</exception>
    public NdArray Numbers(string name) => As<TrajectoryNumbers>(name, "numbers").Values;

    /// <summary>A column of strings.</summary>
    /// <inheritdoc cref="this[string]" path="/exception"/>
    /// <exception cref="InvalidOperationException">The column holds no strings.</exception>
    public TrajectoryTexts Texts(string name) => As<TrajectoryTexts>(name, "texts");

    /// <summary>A column of encoded images.</summary>
    /// <inheritdoc cref="this[string]" path="/exception"/>
    /// <exception cref="InvalidOperationException">The column holds no images.</exception>
    public TrajectoryImages Images(string name) => As<TrajectoryImages>(name, "images");

    /// <summary>Adds or replaces a column. One that replaces a folder of columns (an <c>action</c> that was nested) removes them.</summary>
    /// <exception cref="ArgumentException">The column has another length, or the name lies below another column.</exception>
    public Trajectory With(string name, TrajectoryColumn column)
    {
        CheckLength(name, column);
        return Change(columns => Put(columns, name, Ready(column)));
    }

    /// <summary>Adds or replaces a column of numbers, [<see cref="Length"/>, …].</summary>
    /// <inheritdoc cref="With(string, TrajectoryColumn)" path="/exception"/>
    public Trajectory With(string name, NdArray values) => With(name, new TrajectoryNumbers(values));

    /// <summary>Leaves out a column, or all columns below <paramref name="name"/>; nothing happens when there are none.</summary>
    public Trajectory Without(string name) => Change(columns => Remove(columns, name));

    /// <summary>Keeps these columns only; a name may stand for all columns below it, and names that do not occur are passed over.</summary>
    public Trajectory Keep(params IEnumerable<string> names)
    {
        var kept = names.ToArray();
        return new Trajectory(Dataset, Length, Origin, new(_columns.Where(c => Array.Exists(kept, name => c.Key == name || IsBelow(c.Key, name)))));
    }

    /// <summary>Gives a column, or all columns below <paramref name="from"/>, another name. What had that name is replaced.</summary>
    /// <exception cref="KeyNotFoundException">There is nothing of that name.</exception>
    /// <exception cref="ArgumentException">The new name lies below another column.</exception>
    public Trajectory Rename(string from, string to)
    {
        var moved = _columns.Where(c => c.Key == from || IsBelow(c.Key, from)).ToArray();
        if (moved.Length == 0)
            throw Missing(from);
        return from == to ? this : Change(columns =>
        {
            Remove(columns, from);
            Remove(columns, to);
            foreach (var (name, column) in moved)
                Put(columns, to + name[from.Length..], column);
        });
    }

    /// <summary>Names the dataset otherwise.</summary>
    public Trajectory Renamed(string dataset) => new(dataset, Length, Origin, _columns);

    /// <summary>The steps from <paramref name="first"/> on.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The steps are not all there.</exception>
    public Trajectory Slice(int first, int count)
    {
        if (first < 0 || count < 0 || (long)first + count > Length)
            throw new ArgumentOutOfRangeException(nameof(first), $"Steps {first} to {first + (long)count} (excluded) were asked for; there are {Length}.");
        return first == 0 && count == Length ? this : Cut(count, column => column.Slice(first, count));
    }

    /// <summary>The steps named, in that order; a step may occur more than once.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An index is outside 0 to <see cref="Length"/> − 1.</exception>
    public Trajectory Gather(ReadOnlySpan<int> indices)
    {
        foreach (var index in indices)
        {
            if ((uint)index >= (uint)Length)
                throw new ArgumentOutOfRangeException(nameof(indices), index, $"There are {Length} steps.");
        }

        var own = indices.ToArray();
        return Cut(own.Length, column => column.Gather(own));
    }

    /// <summary>An episode as read from disk, under the dataset's own names.</summary>
    /// <param name="episode">The episode.</param>
    /// <param name="dataset">The dataset's name.</param>
    public static Trajectory From(RldsEpisode episode, string dataset)
    {
        var (length, columns) = (episode.StepCount, new OrderedDictionary<string, Lazy<TrajectoryColumn>>());
        foreach (var name in episode.Steps.Names)
            columns.Add(name, new(() => Column(episode.Steps[name])));
        foreach (var name in episode.Metadata.Names)
            columns.Add(MetadataPrefix + name, new(() => Column(episode.Metadata[name], length)));
        return new Trajectory(dataset, length, $"{episode.Record.File}, record {episode.RecordNumber}", columns);
    }

    private static TrajectoryColumn Column(RldsColumn column) => column switch
    {
        ArrayColumn numbers => new TrajectoryNumbers(numbers.Values),
        BytesColumn { Shape.Length: 1 } texts => new TrajectoryTexts(texts.Values),
        ImageColumn images => new TrajectoryImages(images.Encoded),
        _ => throw Unsupported(column.Feature),
    };

    // A feature of the episode, the same at every step.
    private static TrajectoryColumn Column(RldsColumn column, int steps)
    {
        switch (column)
        {
            case ArrayColumn { Values: var values }:
                var bytes = new byte[checked(values.Bytes.Length * steps)];
                for (var i = 0; i < steps; i++)
                    values.Bytes.Span.CopyTo(bytes.AsSpan(i * values.Bytes.Length));
                return new TrajectoryNumbers(new NdArray(values.DType, [steps, .. values.Shape], bytes));
            case BytesColumn { Count: 1 } text:
                return new TrajectoryTexts(Repeat(text.Values[0], steps));
            case ImageColumn { Count: 1 } image:
                return new TrajectoryImages(Repeat(image.Encoded[0], steps));
            default:
                throw Unsupported(column.Feature);
        }
    }

    private static ReadOnlyMemory<byte>[] Repeat(ReadOnlyMemory<byte> value, int steps)
    {
        var values = new ReadOnlyMemory<byte>[steps];
        Array.Fill(values, value);
        return values;
    }

    private static NotSupportedException Unsupported(RldsFeature feature) =>
        new($"The feature '{feature.Key}' ({feature}) has no fixed shape per step, so it can be no column of a trajectory; read it through RldsEpisode.");

    private static Lazy<TrajectoryColumn> Ready(TrajectoryColumn column) => new(column);

    private Trajectory Change(Action<OrderedDictionary<string, Lazy<TrajectoryColumn>>> change)
    {
        var columns = new OrderedDictionary<string, Lazy<TrajectoryColumn>>(_columns);
        change(columns);
        return new Trajectory(Dataset, Length, Origin, columns);
    }

    private Trajectory Cut(int length, Func<TrajectoryColumn, TrajectoryColumn> cut)
    {
        var columns = new OrderedDictionary<string, Lazy<TrajectoryColumn>>(_columns.Count);
        foreach (var (name, column) in _columns)
            columns.Add(name, new(() => cut(column.Value)));
        return new Trajectory(Dataset, length, Origin, columns);
    }

    private static void Put(OrderedDictionary<string, Lazy<TrajectoryColumn>> columns, string name, Lazy<TrajectoryColumn> column)
    {
        for (var slash = name.IndexOf('/'); slash >= 0; slash = name.IndexOf('/', slash + 1))
        {
            if (columns.ContainsKey(name[..slash]))
                throw new ArgumentException($"'{name}' cannot lie below '{name[..slash]}', which is a column itself.", nameof(name));
        }

        foreach (var below in columns.Keys.Where(k => IsBelow(k, name)).ToArray())
            columns.Remove(below);
        columns[name] = column;
    }

    private static void Remove(OrderedDictionary<string, Lazy<TrajectoryColumn>> columns, string name)
    {
        foreach (var removed in columns.Keys.Where(k => k == name || IsBelow(k, name)).ToArray())
            columns.Remove(removed);
    }

    private static bool IsBelow(string name, string folder) =>
        name.Length > folder.Length && name[folder.Length] == '/' && name.StartsWith(folder, StringComparison.Ordinal);

    private void CheckLength(string name, TrajectoryColumn column)
    {
        if (column.Length != Length)
            throw new ArgumentException($"The column '{name}' ({column}) has {column.Length} steps, the trajectory {Length}.", nameof(column));
    }

    private T As<T>(string name, string what) where T : TrajectoryColumn =>
        this[name] as T ?? throw new InvalidOperationException($"{Dataset}: the column '{name}' holds no {what}, it is {this[name]}.");

    private Lazy<TrajectoryColumn> Find(string name) => _columns.TryGetValue(name, out var column) ? column : throw Missing(name);

    private KeyNotFoundException Missing(string name) =>
        new($"{Dataset}: there is no '{name}'; there are {string.Join(", ", _columns.Keys)}{(Origin.Length > 0 ? $" ({Origin})" : "")}.");
}
