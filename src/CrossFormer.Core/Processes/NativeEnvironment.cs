using System.Runtime.InteropServices;

namespace CrossFormer.Processes;

/// <summary>
/// This process's environment as native libraries see it when they are loaded:
/// <see cref="Environment.SetEnvironmentVariable(string, string)"/> does not reach them.
/// </summary>
public static partial class NativeEnvironment
{
    /// <summary>Sets a variable, unless the user has. Elsewhere than on Linux nothing happens.</summary>
    /// <param name="name">The variable.</param>
    /// <param name="value">Its value.</param>
    public static void SetDefault(string name, string value)
    {
        if (OperatingSystem.IsLinux())
            _ = SetEnv(name, value, overwrite: 0);
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnv(string name, string value, int overwrite);
}
