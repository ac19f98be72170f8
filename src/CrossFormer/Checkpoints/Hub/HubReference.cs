using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace CrossFormer.Checkpoints.Hub;

/// <summary>A model repository on the Hugging Face Hub at a revision: <c>hf://owner/name</c> or <c>hf://owner/name@revision</c>.</summary>
public sealed record HubReference
{
    /// <summary>What an address of the Hub starts with.</summary>
    public const string Scheme = "hf://";

    private const string DefaultRevision = "main";
    private const int CommitLength = 40;
    private const int MaxLength = 96; // of owner/name, the Hub's own limit
    private static readonly SearchValues<char> NameCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.");
    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");

    private HubReference(string owner, string name, string revision) => (Owner, Name, Revision) = (owner, name, revision);

    /// <summary>User or organisation.</summary>
    public string Owner { get; }

    /// <summary>Name of the repository.</summary>
    public string Name { get; }

    /// <summary>Branch, tag, pull request (<c>refs/pr/1</c>) or commit.</summary>
    public string Revision { get; }

    /// <summary><c>owner/name</c>.</summary>
    public string Repository => $"{Owner}/{Name}";

    /// <summary>Whether <see cref="Revision"/> is a whole commit hash, which never means anything else later.</summary>
    public bool IsCommit => IsHash(Revision, CommitLength);

    /// <summary>Reads an address.</summary>
    /// <exception cref="FormatException">It is none; the message says what was expected.</exception>
    public static HubReference Parse(string address)
    {
        if (!address.StartsWith(Scheme))
            throw Wrong(address, $"it does not start with {Scheme}");
        var (repository, revision) = (address[Scheme.Length..], DefaultRevision);
        if (repository.IndexOf('@') is >= 0 and var at)
            (repository, revision) = (repository[..at], repository[(at + 1)..]);
        // No '/' at the end: shells complete folders so.
        if (repository.Split('/') is not [var owner, var name] || repository.Length > MaxLength)
            throw Wrong(address, "it needs one owner and one name");
        foreach (var part in (string[])[owner, name])
        {
            if (!IsName(part))
                throw Wrong(address, $"'{part}' is no name (letters, digits, '-', '_' and '.'; not '--' or '..', nor '-' or '.' at an end)");
        }

        return IsRevision(revision) ? new HubReference(owner, name, revision) : throw Wrong(address, $"'{revision}' is no revision");
    }

    /// <summary><c>hf://owner/name</c>, with <c>@revision</c> when that is not <c>main</c>.</summary>
    public override string ToString() => Scheme + Repository + (Revision == DefaultRevision ? "" : $"@{Revision}");

    internal static bool IsHash([NotNullWhen(true)] string? text, int length) => text?.Length == length && !text.AsSpan().ContainsAnyExcept(HexDigits);

    private static bool IsName(string part) =>
        part.Length > 0 && !part.AsSpan().ContainsAnyExcept(NameCharacters) && !part.Contains("--") && !part.Contains("..")
        && part[0] is not ('-' or '.') && part[^1] is not ('-' or '.');

    // It becomes a file's path below refs/.
    private static bool IsRevision(string revision) =>
        revision.Split('/').All(s => s is not ("" or "." or "..")) && !revision.Any(c => c is '\\' or ':' or '?' or '*' || char.IsControl(c) || char.IsWhiteSpace(c));

    private static FormatException Wrong(string address, string problem) =>
        new($"Expected {Scheme}owner/name or {Scheme}owner/name@revision, got '{address}': {problem}.");
}
