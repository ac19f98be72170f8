using CrossFormer.Processes;

namespace CrossFormer.Cli;

/// <summary>What native libraries read from the environment when they are loaded.</summary>
internal static class ProcessEnvironment
{
    private const string WaitPolicy = "OMP_WAIT_POLICY", Passive = "PASSIVE";

    /// <summary>
    /// Must run before the first torch call. libgomp's threads spin while they wait, so that one other busy thread (a data
    /// loader) slows a two-thread torch tenfold (37 to 347 ms measured; 66 ms when waiting threads sleep instead). What sleeps at
    /// once pays the kernel for every small operation, two fifths of the time of a small model's training: so they spin for some
    /// tens of microseconds first. What the user has set stays.
    /// </summary>
    public static void Prepare()
    {
        NativeEnvironment.SetDefault(WaitPolicy, Passive);
        if (Environment.GetEnvironmentVariable(WaitPolicy) is null or Passive)
            NativeEnvironment.SetDefault("GOMP_SPINCOUNT", "20000");
    }
}
