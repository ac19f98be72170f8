namespace CrossFormer.Checkpoints;

/// <summary>How a checkpoint's parameters lie on disk.</summary>
public enum CheckpointForm
{
    /// <summary>All in one Flax msgpack file, as the published checkpoints are.</summary>
    Msgpack,

    /// <summary>In an OCDBT database, as newer orbax writes them.</summary>
    Ocdbt,

    /// <summary>A Zarr folder per parameter.</summary>
    Zarr,

    /// <summary>All in one safetensors file.</summary>
    Safetensors,
}
