using System.Globalization;

namespace CrossFormer.Checkpoints.Hub;

/// <summary>What of a repository is a checkpoint: README, pictures and other steps are not downloaded.</summary>
/// <param name="Files">Files that may arrive in any order.</param>
/// <param name="Last">The step's tree, whose presence says that the step is complete; null without parameters.</param>
internal sealed record HubSelection(IReadOnlyList<HubFile> Files, HubFile? Last)
{
    private const string SafetensorsEnding = ".safetensors";
    public static readonly string[] Sidecars = [OrbaxDirectory.ConfigName, OrbaxDirectory.StatisticsName, OrbaxDirectory.ExampleBatchName];

    /// <summary>All of them.</summary>
    public IEnumerable<HubFile> All => Last is null ? Files : Files.Append(Last);

    /// <summary>Chooses.</summary>
    /// <param name="listed">All files of the repository.</param>
    /// <param name="parts">Whether parameters are wanted.</param>
    /// <param name="step">Their step; null: the newest.</param>
    /// <param name="reference">For errors.</param>
    /// <exception cref="HubException">A file that a checkpoint needs is not there.</exception>
    public static HubSelection Of(IReadOnlyList<HubFile> listed, CheckpointParts parts, int? step, HubReference reference)
    {
        var byPath = listed.DistinctBy(f => f.Path).ToDictionary(f => f.Path);
        var sidecars = Sidecars.Select(name => byPath.TryGetValue(name, out var file) ? file : throw Missing(reference, name)).ToList();
        if (byPath.TryGetValue(OrbaxDirectory.InstructionsName, out var instructions))
            sidecars.Add(instructions);
        if (parts == CheckpointParts.Description)
            return new HubSelection(sidecars, null);

        // 300000/default/checkpoint; old orbax versions: 300000/checkpoint. As OrbaxDirectory reads them.
        var steps = new SortedDictionary<int, string>();
        foreach (var path in byPath.Keys)
        {
            if (path.Split('/') is [var folder, .. var rest, OrbaxDirectory.TreeName] && rest is [] or [OrbaxDirectory.ItemName]
                && int.TryParse(folder, NumberStyles.None, null, out var number) && (rest.Length > 0 || !steps.ContainsKey(number)))
            {
                steps[number] = path[..^OrbaxDirectory.TreeName.Length];
            }
        }

        if (steps.Count == 0 && Safetensors(byPath.Values) is { } parameters)
            return new HubSelection(sidecars, parameters);
        if (steps.Count == 0)
            throw Missing(reference, $"300000/{OrbaxDirectory.ItemName}/{OrbaxDirectory.TreeName} or {OrbaxDirectory.SafetensorsName}");
        if (!steps.TryGetValue(step ?? steps.Keys.Last(), out var item))
            throw new HubException(HubFailure.NotFound, $"{reference} has no step {step}; it has {string.Join(", ", steps.Keys)}.");
        var tree = item + OrbaxDirectory.TreeName;
        return new HubSelection([.. sidecars, .. byPath.Values.Where(f => f.Path.StartsWith(item) && f.Path != tree)], byPath[tree]);
    }

    /// <summary>Chooses one file.</summary>
    /// <exception cref="HubException">It is not there.</exception>
    public static HubSelection OfFile(IReadOnlyList<HubFile> listed, string path, HubReference reference) => listed.FirstOrDefault(f => f.Path == path) is { } file
        ? new HubSelection([file], null)
        : throw new HubException(HubFailure.NotFound, $"{reference} has no file {path}; it has {string.Join(", ", listed.Select(f => f.Path).Order(StringComparer.Ordinal).Take(10))}.");

    private static HubFile? Safetensors(IEnumerable<HubFile> files)
    {
        var found = files.Where(f => !f.Path.Contains('/') && f.Path.EndsWith(SafetensorsEnding) && f.Path != OrbaxDirectory.InstructionsName).ToList();
        return found.Count == 1 ? found[0] : found.Find(f => f.Path == OrbaxDirectory.SafetensorsName);
    }

    private static HubException Missing(HubReference reference, string name) =>
        new(HubFailure.NotFound, $"{reference} is no checkpoint of this kind: expected {name} in it, found none.");
}
