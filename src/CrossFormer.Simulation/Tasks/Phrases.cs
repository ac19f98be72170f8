namespace CrossFormer.Simulation.Tasks;

/// <summary>The ways to say one thing.</summary>
/// <param name="templates">Sentences with <c>{0}</c> where the thing's name goes, if it has one.</param>
/// <param name="names">Names of things.</param>
internal sealed class Phrases(IReadOnlyList<string> templates, IReadOnlyList<string> names)
{
    /// <summary>Every sentence about every thing.</summary>
    public IReadOnlyList<string> All { get; } = [.. names.SelectMany(n => templates.Select(t => string.Format(t, n))).Distinct()];

    /// <summary>One of the sentences about a thing.</summary>
    public string Draw(Random random, string name) => string.Format(templates[random.Next(templates.Count)], name);
}
