using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CrossFormer.Testing;

namespace CrossFormer.Cli.Tests.House;

public sealed partial class NoticesTests
{
    [Fact]
    public void Notices_NameEveryPackageThatTheBuildRestores()
    {
        var named = WordPattern().Matches(File.ReadAllText(Path.Combine(Goldens.Repository, "THIRD-PARTY-NOTICES.md"))).Select(m => m.Value).ToHashSet();

        var restored = Directory.GetFiles(Goldens.Repository, "*.csproj", SearchOption.AllDirectories)
            .Select(p => Path.Combine(Path.GetDirectoryName(p)!, "obj", "project.assets.json"))
            .Where(File.Exists)
            .SelectMany(f => JsonNode.Parse(File.ReadAllText(f))!["libraries"]!.AsObject())
            .Where(l => l.Value!["type"]!.GetValue<string>() == "package")
            .Select(l => l.Key.Split('/')[0])
            .Where(p => !p.StartsWith("CrossFormer", StringComparison.Ordinal))
            .Distinct()
            .ToList();

        Assert.Contains("TorchSharp", restored);
        Assert.DoesNotContain(restored, p => !named.Contains(p));
    }

    [GeneratedRegex(@"[A-Za-z0-9]+(?:[.-][A-Za-z0-9]+)*")]
    private static partial Regex WordPattern();
}
