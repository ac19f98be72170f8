using CrossFormer.Testing;

namespace CrossFormer.Cli.Tests.House;

/// <summary>
/// The launcher in a small copy of the repository, with a stand-in for dotnet: it notes each build in <c>builds.log</c> and
/// "builds" a shell script that prints its working folder and arguments and exits with the last argument when that is a number.
/// </summary>
internal sealed class LauncherSandbox : IDisposable
{
    private const string Dotnet = """
        #!/usr/bin/env bash
        here=$(dirname "$0")
        case $1 in
          --version) [ ! -e "$here/does-not-fit" ] && echo 10.0.401 ;;
          build)
            echo "$@" >>builds.log
            echo "words of the build"
            sleep 0.2
            [ -e break-the-build ] && { echo "error CS0000: broken on purpose"; exit 1; }
            [ -e leave-a-server ] && { sleep 60 >/dev/null 2>&1 & echo $! >server.pid; }
            mkdir -p src/CrossFormer.Cli/bin/Release/net10.0
            program=src/CrossFormer.Cli/bin/Release/net10.0/CrossFormer.Cli
            printf '#!/usr/bin/env bash\necho "$PWD|$*|$OMP_WAIT_POLICY"\n[[ ${@: -1} =~ ^[0-9]+$ ]] && exit "${@: -1}"\nexit 0\n' >"$program"
            chmod +x "$program" ;;
        esac
        """;

    // Everything the launcher needs but dotnet, curl and wget, which may well lie beside the others in /usr/bin.
    private static readonly string[] Tools = ["bash", "cat", "chmod", "cp", "dirname", "env", "find", "flock", "mkdir", "mv", "readlink", "rm", "sleep", "tail"];

    private readonly TemporaryFolder _folder = new();

    public LauncherSandbox()
    {
        foreach (var file in new[] { "crossformer", "build/dotnet.sh" })
            _folder.Write(Path.Combine("repository", file), File.ReadAllText(Path.Combine(Goldens.Repository, file)), executable: true);
        foreach (var file in new[] { "global.json", "Directory.Build.props", "Directory.Build.targets", "src/CrossFormer.Cli/CrossFormer.Cli.csproj", "src/CrossFormer.Cli/Program.cs", "src/CrossFormer/CrossFormer.csproj", "src/CrossFormer/Model.cs", "configs/arm.json" })
            _folder.Write(Path.Combine("repository", file), "");
        Directory.CreateDirectory(_folder["tools"]);
        foreach (var tool in Tools)
        {
            var found = new[] { "/usr/bin", "/bin" }.Select(d => Path.Combine(d, tool)).First(File.Exists);
            File.CreateSymbolicLink(_folder["tools", tool], found);
        }

        _folder.Write("sdk/dotnet", Dotnet, executable: true);
    }

    public string Root => _folder["repository"];

    /// <summary>A folder outside the repository.</summary>
    public string Elsewhere => _folder.Path;

    /// <summary>The stand-in is on PATH; otherwise no dotnet is.</summary>
    public bool DotnetOnPath { get; set; } = true;

    /// <summary>How often the stand-in has built.</summary>
    public IReadOnlyList<string> Builds => File.Exists(_folder["repository", "builds.log"]) ? File.ReadAllLines(_folder["repository", "builds.log"]) : [];

    public string this[string file] => _folder["repository", file];

    public string Write(string file, string text, bool executable = false) => _folder.Write(Path.Combine("repository", file), text, executable);

    /// <summary>A later change than any before: file times advance in steps of a few milliseconds.</summary>
    public void Touch(string file) => File.SetLastWriteTimeUtc(this[file], File.GetLastWriteTimeUtc(this["src/CrossFormer.Cli/obj/launcher.stamp"]) + TimeSpan.FromMilliseconds(10));

    /// <summary>Makes the SDK on PATH one that global.json refuses.</summary>
    public void SpoilSdk() => _folder.Write("sdk/does-not-fit", "");

    /// <summary>A stand-in for Microsoft's install script: notes its arguments in <c>install.log</c> and puts the stand-in dotnet where it is told.</summary>
    public string WriteInstallScript(bool works = true) => _folder.Write("install.sh", $$"""
        echo "$@" >"{{this["install.log"]}}"
        {{(works ? "" : "exit 3")}}
        while [ $# -gt 0 ]; do
          if [ "$1" = --install-dir ]; then mkdir -p "$2"; cp "{{_folder["sdk", "dotnet"]}}" "$2/dotnet"; fi
          shift
        done
        """);

    public Task<ProcessRun> RunAsync(params string[] arguments) => RunAsync(this["crossformer"], arguments);

    public Task<ProcessRun> RunAsync(string launcher, string[] arguments, params (string Name, string? Value)[] environment) => ProcessRun.OfAsync(
        launcher,
        arguments,
        Elsewhere,
        [
            ("PATH", DotnetOnPath ? $"{_folder["sdk"]}:{_folder["tools"]}" : _folder["tools"]),
            ("CROSSFORMER_DOTNET_INSTALL", _folder["install.sh"]),
            ("CROSSFORMER_BACKEND", null),
            ("OMP_WAIT_POLICY", null),
            .. environment,
        ],
        TimeSpan.FromSeconds(30));

    public void Dispose()
    {
        if (File.Exists(this["server.pid"]))
            System.Diagnostics.Process.GetProcessById(int.Parse(File.ReadAllText(this["server.pid"]))).Kill();
        _folder.Dispose();
    }
}
