using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace CrossFormer.Data.TfRecords;

/// <summary>
/// The feature names that a reader cares about, numbered. An <see cref="Example"/> is parsed against one such table, so
/// names are compared as bytes and no string is made per record.
/// </summary>
public sealed class ExampleNames
{
    private readonly Dictionary<byte[], int> _slots = new(Utf8Comparer.Instance);
    private readonly string[] _names;

    /// <summary>Numbers <paramref name="names"/> in their order; a name given twice keeps its first number.</summary>
    public ExampleNames(IEnumerable<string> names)
    {
        _names = [.. names.Distinct(StringComparer.Ordinal)];
        for (var i = 0; i < _names.Length; i++)
            _slots.Add(Encoding.UTF8.GetBytes(_names[i]), i);
    }

    /// <summary>How many names there are.</summary>
    public int Count => _names.Length;

    /// <summary>The name of a number.</summary>
    public string this[int slot] => _names[slot];

    /// <summary>The number of a name, or −1.</summary>
    public int IndexOf(string name) => IndexOf(Encoding.UTF8.GetBytes(name));

    /// <summary>The number of a name given in UTF-8, or −1.</summary>
    public int IndexOf(ReadOnlySpan<byte> utf8) =>
        _slots.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(utf8, out var slot) ? slot : -1;

    private sealed class Utf8Comparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public static readonly Utf8Comparer Instance = new();

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            var hash = new HashCode();
            hash.AddBytes(alternate);
            return hash.ToHashCode();
        }

        public int GetHashCode([DisallowNull] byte[] obj) => GetHashCode(obj.AsSpan());
    }
}
