using System.Text.RegularExpressions;
using CrossFormer.Configuration;

namespace CrossFormer.Tokenizers;

/// <summary>Regular expressions over input keys that match at the start of the key, as Python's <c>re.match</c> does.</summary>
internal sealed class KeyPatterns
{
    private readonly Regex[] _patterns;

    public KeyPatterns(IReadOnlyList<string> patterns, string path)
    {
        try
        {
            // Without backtracking a hostile configuration cannot make matching slow.
            _patterns = [.. patterns.Select(p => new Regex($@"\A(?:{p})", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant))];
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            throw new ConfigurationException(path, $"not a usable regular expression ({e.Message})", e);
        }
    }

    /// <summary>Keys that any pattern matches, sorted.</summary>
    public string[] SelectSorted(IEnumerable<string> keys) => [.. keys.Where(k => _patterns.Any(p => p.IsMatch(k))).Order(StringComparer.Ordinal)];

    /// <summary>For each pattern in turn its matching keys, sorted: a key that two patterns match comes twice.</summary>
    public string[] SelectByPattern(IReadOnlyCollection<string> keys) =>
        [.. _patterns.SelectMany(p => keys.Where(k => p.IsMatch(k)).Order(StringComparer.Ordinal))];
}
