namespace CrossFormer.Cli;

/// <summary>What the process returns. Scripts rely on these three.</summary>
internal static class ExitCode
{
    /// <summary>The verb did what it says.</summary>
    public const int Done = 0;

    /// <summary>The verb could not do it; standard error says why.</summary>
    public const int Failed = 1;

    /// <summary>The command line is wrong; nothing was done.</summary>
    public const int Usage = 2;
}
