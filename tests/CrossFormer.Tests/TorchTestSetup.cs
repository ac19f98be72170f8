using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace CrossFormer.Tests;

internal static partial class TorchTestSetup
{
    // Idle OpenMP threads must sleep, not spin, or tests that run beside torch starve; libgomp reads it before the first torch call.
    [ModuleInitializer]
    internal static void Initialize() => _ = SetEnvironmentVariable("OMP_WAIT_POLICY", "PASSIVE", 1);

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironmentVariable(string name, string value, int overwrite);
}
