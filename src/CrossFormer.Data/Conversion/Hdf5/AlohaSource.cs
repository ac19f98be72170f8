using CrossFormer.Arrays;

namespace CrossFormer.Data.Conversion.Hdf5;

/// <summary>
/// ALOHA's recordings: an episode a file, <c>observations/qpos</c> becoming <c>observation/state</c>. Images are pixels, or JPEG
/// files padded with zeros (no JPEG ends with one, so <c>compress_len</c>, whose order of cameras no file tells, is not needed).
/// </summary>
internal sealed class AlohaSource : IEpisodeSource
{
    private const string Observations = "observations";
    private const string Images = "observations/images";

    private readonly Hdf5Files _files;

    public AlohaSource(string path)
    {
        (Path, _files) = (path, new Hdf5Files(path));
        Episodes = [.. _files.Paths.Select(f => new SourceEntry(System.IO.Path.GetFileName(f)))];
    }

    public EpisodeFormat Format => EpisodeFormat.Aloha;

    public string Path { get; }

    public IReadOnlyList<SourceEntry> Episodes { get; }

    public SourceEpisode Read(int index)
    {
        var file = _files.Open(_files.Paths[index]);
        var actions = file.Numbers("action");
        var steps = actions.Shape[0];
        var numbers = new OrderedDictionary<string, NdArray> { ["action"] = actions };
        foreach (var name in file.Children(Observations).Where(n => n != "images" && file.IsDataset($"{Observations}/{n}")))
            numbers.Add(name == "qpos" ? "observation/state" : $"observation/{name}", file.Numbers($"{Observations}/{name}"));
        // Mobile robots have a base that is driven too.
        if (file.Has("base_action"))
            numbers.Add("base_action", file.Numbers("base_action"));
        return new SourceEpisode
        {
            StepCount = steps,
            Numbers = numbers,
            Cameras = Cameras(file),
            Instructions = file.Has("language_raw") && file.Texts("language_raw") is [var text, ..] ? [.. Enumerable.Repeat(text, steps)] : null,
        };
    }

    public void Dispose() => _files.Dispose();

    private static OrderedDictionary<string, IEnumerable<SourceFrame>> Cameras(Hdf5File file)
    {
        var cameras = new OrderedDictionary<string, IEnumerable<SourceFrame>>();
        if (!file.Has(Images))
            return cameras;
        foreach (var name in file.Children(Images))
        {
            var path = $"{Images}/{name}";
            cameras.Add($"observation/{name}", file.HoldsPixels(path) ? file.Pixels(path)
                : file.HoldsFiles(path) ? file.Files(path)
                : throw new EpisodeSourceException(file.FullPath, path, $"expected uint8[steps,height,width,3] or padded JPEG files uint8[steps,bytes], found [{string.Join(',', file.Shape(path))}]"));
        }

        return cameras;
    }
}
