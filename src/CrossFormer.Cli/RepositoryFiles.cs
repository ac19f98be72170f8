namespace CrossFormer.Cli;

/// <summary>Files that belong to the program: beside it when it was published, else in the repository that it was built in.</summary>
internal static class RepositoryFiles
{
    /// <summary>The shipped policy of the simulated robots; null when this copy has none.</summary>
    public static string? SimulatedPolicy => Find("models", "cross_embodied_sim");

    /// <summary>The file or folder under a relative path; null when it is nowhere.</summary>
    public static string? Find(params string[] path)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine([folder.FullName, .. path]);
            if (Path.Exists(candidate))
                return candidate;
        }

        return null;
    }
}
