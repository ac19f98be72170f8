using System.IO.Hashing;
using CrossFormer.Arrays;
using static TorchSharp.torch;

namespace CrossFormer.Parameters;

/// <summary>All parameters of a model by Flax path, in the order in which Flax writes them: sorted by path segment.</summary>
public sealed class ParameterSet : IDisposable
{
    private readonly SortedDictionary<string, Parameter> _parameters = new(PathOrder.Instance);

    /// <summary>An empty set whose initialisers draw from a generator of this seed.</summary>
    /// <param name="seed">Seed of the initialisers.</param>
    /// <param name="device">Where the values live; the CPU when null.</param>
    public ParameterSet(ulong seed = 0, Device? device = null)
    {
        Device = device ?? CPU;
        Generator = new Generator(seed);
    }

    /// <summary>Where the values live.</summary>
    public Device Device { get; }

    /// <summary>The parameters in Flax's order.</summary>
    public IReadOnlyCollection<Parameter> All => _parameters.Values;

    /// <summary>Number of parameters' elements.</summary>
    public long ElementCount => _parameters.Values.Sum(p => p.Count);

    internal Generator Generator { get; }

    /// <summary>The parameter at a path.</summary>
    /// <exception cref="KeyNotFoundException">The model has no such parameter.</exception>
    public Parameter this[string path] => _parameters.TryGetValue(path, out var p) ? p : throw new KeyNotFoundException($"The model has no parameter '{path}'.");

    /// <summary>32 hexadecimal digits that tell these values from any others.</summary>
    public string Fingerprint()
    {
        var hash = new XxHash128();
        foreach (var parameter in _parameters.Values)
        {
            var bytes = new byte[parameter.Count * sizeof(float)];
            parameter.Stored.ReadInto(bytes);
            hash.Append(bytes);
        }

        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    /// <summary>Whether the model has a parameter at that path.</summary>
    public bool Contains(string path) => _parameters.ContainsKey(path);

    /// <summary>Where modules declare their parameters.</summary>
    internal ParameterScope Root => new(this, "");

    internal Parameter Declare(string path, long[] shape, Initializer initializer)
    {
        var parameter = new Parameter(this, path, shape, initializer);
        if (!_parameters.TryAdd(path, parameter))
            throw new InvalidOperationException($"Parameter {path} is declared twice.");
        return parameter;
    }

    /// <summary>
    /// Takes every parameter from <paramref name="stored"/> whose name and shape agree; the rest keep their initialisation
    /// (reference: train_utils.merge_params).
    /// </summary>
    public MergeReport Merge(IReadOnlyDictionary<string, StoredArray> stored)
    {
        var (loaded, reshaped, missing) = (new List<string>(), new List<string>(), new List<string>());
        foreach (var (path, parameter) in _parameters)
        {
            if (!stored.TryGetValue(path, out var array))
            {
                missing.Add(path);
            }
            else if (!array.Shape.Select(d => (long)d).SequenceEqual(parameter.Shape))
            {
                reshaped.Add($"{path}: expected [{string.Join(',', parameter.Shape)}], the checkpoint has [{string.Join(',', array.Shape)}]");
            }
            else
            {
                parameter.Bind(array);
                loaded.Add(path);
            }
        }

        return new MergeReport(loaded, reshaped, missing, [.. stored.Keys.Where(k => !_parameters.ContainsKey(k))]);
    }

    /// <summary>Gives every parameter the value that <see cref="Formula"/> makes of its path: what goldens and untrained demonstrations use.</summary>
    public void FillByFormula()
    {
        foreach (var parameter in _parameters.Values)
            parameter.Bind(new FormulaArray(parameter));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var p in _parameters.Values)
            p.Dispose();
        Generator.Dispose();
    }

    private sealed class FormulaArray(Parameter parameter) : StoredArray(DType.Float32, [.. parameter.Shape.Select(d => (int)d)])
    {
        public override void ReadInto(Span<byte> destination) =>
            Formula.FillParameter(parameter.Path, Shape, System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(destination));
    }

    /// <summary>Ordinal order by path segment, as a nested dictionary with sorted keys is walked.</summary>
    private sealed class PathOrder : IComparer<string>
    {
        public static readonly PathOrder Instance = new();

        public int Compare(string? x, string? y)
        {
            ReadOnlySpan<char> a = x, b = y;
            for (var i = 0; i < Math.Min(a.Length, b.Length); i++)
            {
                // A path that ends a segment sorts before one that goes on within it.
                if (a[i] != b[i])
                    return a[i] == '/' ? -1 : b[i] == '/' ? 1 : a[i].CompareTo(b[i]);
            }

            return a.Length.CompareTo(b.Length);
        }
    }
}
