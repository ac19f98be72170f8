using System.Runtime.CompilerServices;
using CrossFormer.Arrays;
using CrossFormer.Images;
using PureHDF;
using PureHDF.Filters;
using PureHDF.VOL.Native;

namespace CrossFormer.Data.Conversion.Hdf5;

/// <summary>
/// An HDF5 file. Links and datasets that lead to other files are refused: whoever made the file must not choose which of our
/// files are read; so are datasets that claim more than the file can hold. Not thread-safe.
/// </summary>
internal sealed class Hdf5File : IDisposable
{
    // Numbers of one dataset that are read at once; images are read one by one.
    private const long MaxNumbers = 1L << 27;

    // Deflate makes 1032 bytes of one at the most.
    private const long MostCompression = 1100;

    private readonly LeashedFile _bytes;
    private readonly Hdf5Structure _structure;
    private readonly NativeFile _file;

    static Hdf5File() => H5Filter.Register(new BoundedInflate());

    private Hdf5File(string path)
    {
        (FullPath, _bytes) = (path, new LeashedFile(path));
        _structure = new Hdf5Structure(_bytes);
        _bytes.OnStructure = _structure.Check;
        try
        {
            _file = Guard("", () => H5File.Open(_bytes));
        }
        catch
        {
            _bytes.Dispose();
            throw;
        }
    }

    public string FullPath { get; }

    /// <exception cref="EpisodeSourceException">It is absent or no HDF5.</exception>
    public static Hdf5File Open(string path)
    {
        if (!File.Exists(path))
            throw new EpisodeSourceException(path, "", "there is no such file");
        return new Hdf5File(path);
    }

    /// <summary>Whether there is a group or dataset; <paramref name="path"/> as in <c>data/demo_0/obs</c>.</summary>
    public bool Has(string path) => Guard(path, () =>
    {
        IH5Group group = _file;
        var names = path.Split('/');
        for (var i = 0; i < names.Length; i++)
        {
            if (!group.LinkExists(names[i]))
                return false;
            var child = Own(group.Get(names[i]), path);
            if (child is not IH5Group next)
                return i == names.Length - 1;
            group = next;
        }

        return true;
    });

    /// <summary>Names in a group, as people count.</summary>
    public List<string> Children(string group) => Guard(group, () =>
        ((IH5Group)Find(group)).Children().Select(c => c.Name).Order(NaturalOrder.Instance).ToList());

    /// <summary>Whether something is a dataset and no group.</summary>
    public bool IsDataset(string path) => Guard(path, () => Find(path) is IH5Dataset);

    /// <summary>A text attribute; null when there is none.</summary>
    public string? Text(string path, string attribute) => Guard($"{path}@{attribute}", () =>
        Find(path) is var found && found.AttributeExists(attribute) && found.Attribute(attribute).Type.Class is H5DataTypeClass.String or H5DataTypeClass.VariableLength
            ? found.Attribute(attribute).Read<string>()
            : null);

    /// <summary>Dimensions of a dataset.</summary>
    public int[] Shape(string path) => Guard(path, () => Array.ConvertAll(Dataset(path).Space.Dimensions, d => checked((int)d)));

    /// <summary>A dataset of texts, one a row.</summary>
    public string[] Texts(string path) => Values(path, dataset => Array.ConvertAll(dataset.Read<string?[]>(), t => t ?? ""));

    /// <summary>A dataset of numbers or booleans, whole.</summary>
    public NdArray Numbers(string path)
    {
        var shape = Shape(path);
        if (shape.Length == 0)
            throw new EpisodeSourceException(FullPath, path, "one number alone; expected a row a step");
        return Values(path, dataset => Numbers(dataset, path, shape));
    }

    /// <summary>Whether a dataset holds images of pixels: uint8 [steps, H, W, 1, 3 or 4].</summary>
    public bool HoldsPixels(string path) => IsBytes(path) && Shape(path) is [_, > 0, > 0, 1 or 3 or 4];

    /// <summary>Whether a dataset holds image files: uint8 [steps, bytes], padded with zeros.</summary>
    public bool HoldsFiles(string path) => IsBytes(path) && Shape(path) is [_, > 0];

    /// <summary>Frames of a dataset for which <see cref="HoldsPixels"/>, one read at a time.</summary>
    public IEnumerable<SourceFrame> Pixels(string path)
    {
        var shape = Shape(path);
        if ((long)shape[1] * shape[2] > ImageCodec.MaxPixels)
            throw new EpisodeSourceException(FullPath, path, $"images of {shape[1]}x{shape[2]} pixels; at most {ImageCodec.MaxPixels} are read: store them smaller");
        return Rows(path, shape).Select(row => new SourceFrame(row.Reshape(shape[1..])));
    }

    /// <summary>Frames of a dataset for which <see cref="HoldsFiles"/>, one read at a time, without their padding.</summary>
    public IEnumerable<SourceFrame> Files(string path) =>
        Rows(path, Shape(path)).Select(row => new SourceFrame(row.Bytes[..(row.Bytes.Span.LastIndexOfAnyExcept((byte)0) + 1)]));

    public void Dispose() => _file.Dispose();

    private IEnumerable<NdArray> Rows(string path, int[] shape)
    {
        var rows = Guard(path, () => new ByteRows(_bytes, Dataset(path), shape));
        for (var t = 0; t < shape[0]; t++)
            yield return Guard(path, () => rows[t], ofValues: true);
    }

    private bool IsBytes(string path) => Guard(path, () => Dataset(path).Type is { Class: H5DataTypeClass.FixedPoint, Size: 1, FixedPoint.IsSigned: false });

    private NdArray Numbers(NativeDataset dataset, string path, int[] shape)
    {
        if (shape.Aggregate(1L, (n, d) => n * d) is > MaxNumbers and var count)
            throw new EpisodeSourceException(FullPath, path, $"{count} numbers; at most {MaxNumbers} are read at once: take it out of the file, or split the episode");
        // All chunks stay until the end: chunks that hold columns are asked for again with every row.
        var access = new H5DatasetAccess(ChunkCache: new SimpleReadingChunkCache(int.MaxValue, ulong.MaxValue));
        var type = dataset.Type;
        return (type.Class, type.Size) switch
        {
            (H5DataTypeClass.FloatingPoint, 4) => Read<float>(),
            (H5DataTypeClass.FloatingPoint, 8) => Read<double>(),
            (H5DataTypeClass.FloatingPoint, 2) => Read<Half>(),
            (H5DataTypeClass.FixedPoint, 1) => type.FixedPoint.IsSigned ? Read<sbyte>() : Read<byte>(),
            (H5DataTypeClass.FixedPoint, 2) => type.FixedPoint.IsSigned ? Read<short>() : Read<ushort>(),
            (H5DataTypeClass.FixedPoint, 4) => type.FixedPoint.IsSigned ? Read<int>() : Read<uint>(),
            (H5DataTypeClass.FixedPoint, 8) => type.FixedPoint.IsSigned ? Read<long>() : Read<ulong>(),
            // h5py's booleans.
            (H5DataTypeClass.Enumerated, 1) => NdArray.From(Array.ConvertAll(dataset.Read<byte[]>(access), b => b != 0), shape),
            _ => throw new EpisodeSourceException(FullPath, path, $"values of class {type.Class} and {type.Size} bytes cannot be converted"),
        };

        NdArray Read<T>() where T : unmanaged => NdArray.From(dataset.Read<T[]>(access), shape);
    }

    private NativeDataset Dataset(string path)
    {
        var dataset = Find(path) as NativeDataset ?? throw new EpisodeSourceException(FullPath, path, "expected a dataset, found a group; the file may be of another layout, which --from names");
        if (dataset.Layout.Class == H5DataLayoutClass.VirtualStorage || ExternalFiles(dataset) is not null)
            throw new EpisodeSourceException(FullPath, path, "its values lie in other files, which are not read; repack the file (h5repack)");
        var isChunked = dataset.Layout.Class == H5DataLayoutClass.Chunked;
        var most = isChunked ? MostCompression * _bytes.Length : _bytes.Length;
        var claimed = Math.Max(Bytes(dataset.Space.Dimensions), isChunked ? Bytes(dataset.Layout.Chunks) : 0);
        return claimed <= most
            ? dataset
            : throw new EpisodeSourceException(FullPath, path, $"it claims {claimed:N0} bytes, of which a file of {_bytes.Length:N0} bytes can hold {most:N0} at the most; the file is damaged or cut short: copy it again");

        double Bytes(ulong[] dimensions) => dimensions.Aggregate((double)dataset.Type.Size, (n, d) => n * d);
    }

    private IH5Object Find(string path)
    {
        IH5Object found = _file;
        foreach (var name in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (found is not IH5Group group || !group.LinkExists(name))
                throw new EpisodeSourceException(FullPath, path, found is IH5Group here ? $"it is missing; there {Listed(here.Children().Select(c => c.Name))}. The file may be of another layout, which --from names" : "it is missing, for what is above it is a dataset; the file may be of another layout, which --from names");
            found = Own(group.Get(name), path);
        }

        return found;
    }

    // Objects of one file share a context; one that was reached through an external link has its own file's.
    private IH5Object Own(IH5Object found, string path) =>
        found is NativeObject native && ReferenceEquals(Context(native), Context(_file))
            ? found
            : throw new EpisodeSourceException(FullPath, path, "it is a link into another file, or one that leads nowhere; repack the file (h5repack)");

    // The library follows such links without asking and has no public way to tell; the tests watch over these two names.
    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_Context")]
    [return: UnsafeAccessorType("PureHDF.VOL.Native.NativeReadContext, PureHDF")]
    private static extern object Context(NativeObject of);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_InternalExternalFileList")]
    [return: UnsafeAccessorType("PureHDF.VOL.Native.ExternalFileListMessage, PureHDF")]
    private static extern object? ExternalFiles(NativeDataset of);

    /// <summary>"are a, b", or "is nothing".</summary>
    internal static string Listed(IEnumerable<string> names) => string.Join(", ", names) is { Length: > 0 } list ? $"are {list}" : "is nothing";

    private T Values<T>(string path, Func<NativeDataset, T> read)
    {
        var dataset = Guard(path, () => Dataset(path));
        return Guard(path, () => read(dataset), ofValues: true);
    }

    // The library throws whatever a damaged file makes it stumble over.
    private T Guard<T>(string part, Func<T> read, bool ofValues = false)
    {
        try
        {
            _bytes.Begin();
            _structure.IsInValues = ofValues;
            return read();
        }
        catch (Exception e) when (e is not EpisodeSourceException)
        {
            throw new EpisodeSourceException(FullPath, part, $"not readable as HDF5 ({e.GetBaseException().Message}); the file is damaged, cut short or still being written: copy it again, or skip the episode", e);
        }
    }
}
