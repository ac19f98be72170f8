namespace CrossFormer.Cli.Doctor;

/// <summary>What one look at the machine found.</summary>
/// <param name="Ok">It is there and works.</param>
/// <param name="Required">Without it the program cannot act.</param>
/// <param name="Detail">What was found, or what its absence means.</param>
/// <param name="Fix">The command that mends it; null when nothing is to mend, or no command can.</param>
internal sealed record Check(bool Ok, bool Required, string Detail, string? Fix)
{
    /// <summary>It is there.</summary>
    public static Check Good(string detail) => new(true, false, detail, null);

    /// <summary>It is absent; some verbs are slower or unavailable.</summary>
    public static Check Lacking(string detail, string? fix = null) => new(false, false, detail, fix);

    /// <summary>It is absent, and the program cannot act without it.</summary>
    public static Check Broken(string detail, string? fix) => new(false, true, detail, fix);
}
