namespace CrossFormer.Cli;

/// <summary>The arguments are well-formed one by one but wrong together. Ends the process with <see cref="ExitCode.Usage"/>.</summary>
/// <param name="message">What is wrong and what to give instead.</param>
internal sealed class UsageException(string message) : Exception(message);
