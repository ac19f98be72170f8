namespace CrossFormer.Data.Conversion;

/// <summary>Forms of recorded episodes that can be converted.</summary>
public enum EpisodeFormat
{
    /// <summary>One folder an episode: images or videos beside tables. <c>docs/your-data.md</c> has the layout.</summary>
    Folder,
    /// <summary>LeRobot's datasets of versions 2.0, 2.1 and 3.0.</summary>
    LeRobot,
    /// <summary>ALOHA's HDF5, one file an episode.</summary>
    Aloha,
    /// <summary>robomimic's HDF5, many demonstrations in a file.</summary>
    Robomimic,
    /// <summary>LIBERO's HDF5: robomimic's layout with the task's text.</summary>
    Libero,
}
