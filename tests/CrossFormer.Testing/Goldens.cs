using System.Text.Json;
using System.Text.Json.Nodes;
using CrossFormer.Arrays;
using CrossFormer.Formats;

namespace CrossFormer.Testing;

/// <summary>
/// The one door to the reference's numbers. The root is the environment variable <c>CROSSFORMER_GOLDENS</c>, else the
/// committed copy in <c>tests/Goldens</c>. A folder that a root lacks is skipped by name.
/// </summary>
public static class Goldens
{
    /// <summary>The trait that <c>./test.sh goldens</c> selects: <c>[Trait(Goldens.Category, Goldens.Reference)]</c>.</summary>
    public const string Category = "Category";

    /// <summary>Value of <see cref="Category"/> for tests that compare with the reference.</summary>
    public const string Reference = "Goldens";

    /// <summary>The repository's root folder: the nearest one above the test assembly that holds the solution.</summary>
    public static string Repository { get; } = FindRepository();

    /// <summary>The goldens' root folder.</summary>
    public static string Root { get; } =
        Environment.GetEnvironmentVariable("CROSSFORMER_GOLDENS") is { Length: > 0 } root ? Path.GetFullPath(root) : Path.Combine(Repository, "tests", "Goldens");

    /// <summary>The shared folder with real data: <c>CROSSFORMER_SHARED</c>, else <c>../shared</c> beside the repository.</summary>
    public static string Shared { get; } =
        Environment.GetEnvironmentVariable("CROSSFORMER_SHARED") is { Length: > 0 } shared ? Path.GetFullPath(shared) : Path.GetFullPath(Path.Combine(Repository, "..", "shared"));

    /// <summary>Path of a golden file; the running test is skipped, naming it, when the root lacks its folder.</summary>
    public static string File(params string[] segments)
    {
        Assert.SkipUnless(Directory.Exists(Path.Combine(Root, segments[0])), $"{Root} has no folder '{segments[0]}'.");
        return Path.Combine([Root, .. segments]);
    }

    /// <summary>Path below the shared folder; the running test is skipped, naming it, when it is absent.</summary>
    public static string SharedPath(params string[] segments)
    {
        var path = Path.Combine([Shared, .. segments]);
        Assert.SkipUnless(Path.Exists(path), $"{path} is absent (CROSSFORMER_SHARED says where the shared folder is).");
        return path;
    }

    /// <summary>All arrays of a golden <c>.npz</c>.</summary>
    public static IReadOnlyDictionary<string, NdArray> Arrays(params string[] segments) => Npz.Read(File(segments));

    /// <summary>A golden JSON file.</summary>
    public static JsonNode Json(params string[] segments) =>
        JsonNode.Parse(System.IO.File.ReadAllBytes(File(segments)), documentOptions: new JsonDocumentOptions { MaxDepth = 256 })!;

    /// <summary>The prefix of a folder's input names.</summary>
    public static string Prefix(string folder) => Json(folder, "manifest.json")["prefix"]!.GetValue<string>();

    private static string FindRepository()
    {
        for (var d = new DirectoryInfo(AppContext.BaseDirectory); d is not null; d = d.Parent)
        {
            if (System.IO.File.Exists(Path.Combine(d.FullName, "CrossFormer.slnx")))
                return d.FullName;
        }

        throw new DirectoryNotFoundException($"No CrossFormer.slnx above {AppContext.BaseDirectory}.");
    }
}
