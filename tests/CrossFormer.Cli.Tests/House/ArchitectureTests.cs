using System.Reflection;
using System.Xml.Linq;
using CrossFormer.Testing;

namespace CrossFormer.Cli.Tests.House;

public sealed class ArchitectureTests
{
    // Whom each project may know: episodes become batches (Data), the model reads batches' arrays (CrossFormer), and the two
    // meet in Training only. Simulation and Serving know policies, not the model. Projects that are yet to come stand here too.
    private static readonly Dictionary<string, string[]> MayKnow = new()
    {
        ["CrossFormer.Core"] = [],
        ["CrossFormer"] = ["CrossFormer.Core"],
        ["CrossFormer.Data"] = ["CrossFormer.Core"],
        ["CrossFormer.Reports"] = ["CrossFormer.Core"],
        ["CrossFormer.Training"] = ["CrossFormer.Core", "CrossFormer", "CrossFormer.Data", "CrossFormer.Reports"],
        ["CrossFormer.Simulation"] = ["CrossFormer.Core", "CrossFormer.Data", "CrossFormer.Reports"],
        ["CrossFormer.Serving"] = ["CrossFormer.Core", "CrossFormer", "CrossFormer.Data", "CrossFormer.Reports"],
        ["CrossFormer.Cli"] =
        [
            "CrossFormer.Core", "CrossFormer", "CrossFormer.Data", "CrossFormer.Reports",
            "CrossFormer.Training", "CrossFormer.Simulation", "CrossFormer.Serving",
        ],
    };

    private static readonly string[] MayKnowTorch = ["CrossFormer", "CrossFormer.Training", "CrossFormer.Serving", "CrossFormer.Cli"];

    [Fact]
    public void Dependencies_PointOneWay()
    {
        var projects = Directory.GetFiles(Path.Combine(Goldens.Repository, "src"), "*.csproj", SearchOption.AllDirectories);
        Assert.NotEmpty(projects);
        foreach (var project in projects)
        {
            var name = Path.GetFileNameWithoutExtension(project);
            Assert.True(MayKnow.ContainsKey(name), $"Say in {nameof(MayKnow)} whom {name} may know.");

            var known = Declared(project).Concat(Used(name)).Where(n => n.StartsWith("CrossFormer", StringComparison.Ordinal));
            Assert.All(known, k => Assert.True(MayKnow[name].Contains(k), $"{name} must not know {k}."));
            if (!MayKnowTorch.Contains(name))
                Assert.DoesNotContain("TorchSharp", Declared(project).Concat(Used(name)));
        }
    }

    // What the project file asks for, used or not.
    private static IEnumerable<string> Declared(string project) =>
        from e in XDocument.Load(project).Descendants()
        where e.Name.LocalName is "ProjectReference" or "PackageReference"
        select Path.GetFileName((string)e.Attribute("Include")!.Value.Replace('\\', '/')).Replace(".csproj", "");

    // What the compiled code really uses, by whatever way it came.
    private static IEnumerable<string> Used(string name) =>
        from reference in Assembly.LoadFrom(Path.Combine(AppContext.BaseDirectory, $"{name}.dll")).GetReferencedAssemblies()
        select reference.Name!;
}
