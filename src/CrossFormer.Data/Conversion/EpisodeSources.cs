using CrossFormer.Data.Conversion.Folders;
using CrossFormer.Data.Conversion.Hdf5;
using CrossFormer.Data.Conversion.LeRobot;
using CrossFormer.Data.Conversion.Video;

namespace CrossFormer.Data.Conversion;

/// <summary>Opens recorded episodes in any form that can be converted.</summary>
public static class EpisodeSources
{
    /// <summary>Opens a source.</summary>
    /// <param name="path">A folder; or one HDF5 file.</param>
    /// <param name="format">Its form; null: <see cref="Detect"/> says.</param>
    /// <exception cref="EpisodeSourceException">There is nothing, no episode in it, or its description is damaged.</exception>
    /// <exception cref="Formats.CorruptFileException">A JSON file is malformed, or names a file outside of the folder.</exception>
    public static IEpisodeSource Open(string path, EpisodeFormat? format = null) => Open(path, format, new VideoReader());

    /// <summary>Tells the form of recorded episodes by what is there.</summary>
    /// <param name="path">A folder; or one HDF5 file.</param>
    /// <exception cref="EpisodeSourceException">There is nothing of that name, or an HDF5 file of an unknown layout.</exception>
    public static EpisodeFormat Detect(string path)
    {
        if (File.Exists(Path.Combine(path, "meta", "info.json")))
            return EpisodeFormat.LeRobot;
        var file = File.Exists(path) ? path : Directory.Exists(path) ? Hdf5Files.Find(path).Order(NaturalOrder.Instance).FirstOrDefault() : null;
        if (file is null)
            return Directory.Exists(path) ? EpisodeFormat.Folder : throw new EpisodeSourceException(path, "", "there is no such file or folder");
        using var hdf5 = Hdf5File.Open(file);
        if (hdf5.Has("data"))
            return RobomimicSource.IsLibero(hdf5) ? EpisodeFormat.Libero : EpisodeFormat.Robomimic;
        return hdf5.Has("observations") && hdf5.Has("action")
            ? EpisodeFormat.Aloha
            : throw new EpisodeSourceException(file, "", $"neither ALOHA's layout (observations, action) nor robomimic's (data): there {Hdf5File.Listed(hdf5.Children(""))}");
    }

    internal static IEpisodeSource Open(string path, EpisodeFormat? format, VideoReader videos)
    {
        path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (!Path.Exists(path))
            throw new EpisodeSourceException(path, "", "there is no such file or folder");
        return (format ?? Detect(path)) switch
        {
            EpisodeFormat.LeRobot => new LeRobotSource(path, videos),
            EpisodeFormat.Aloha => new AlohaSource(path),
            EpisodeFormat.Folder => new EpisodeFolderSource(path, videos),
            var robomimic => new RobomimicSource(path, robomimic),
        };
    }
}
