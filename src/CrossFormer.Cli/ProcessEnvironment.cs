using System.Runtime.InteropServices;

namespace CrossFormer.Cli;

/// <summary>What native libraries read from the environment when they are loaded.</summary>
internal static partial class ProcessEnvironment
{
    /// <summary>
    /// Must run before the first torch call. libgomp's threads spin while they wait, so that one other busy thread (a data
    /// loader) slows a two-thread torch tenfold (37 to 347 ms measured; 66 ms when waiting threads sleep instead).
    /// <see cref="Environment.SetEnvironmentVariable(string, string)"/> does not reach native code: setenv does. What the
    /// user has set stays.
    /// </summary>
    public static void Prepare()
    {
        if (!OperatingSystem.IsLinux())
            return;
        _ = SetEnv("OMP_WAIT_POLICY", "PASSIVE", overwrite: 0);
        // A small convolution outside training asks for NNPACK each time, and on processors that it does not know warns each time.
        _ = SetEnv("TORCH_CPP_LOG_LEVEL", "ERROR", overwrite: 0);
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnv(string name, string value, int overwrite);
}
