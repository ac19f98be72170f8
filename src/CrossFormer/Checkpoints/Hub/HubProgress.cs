namespace CrossFormer.Checkpoints.Hub;

/// <summary>How far a download is. Only files that the snapshot lacked when it began count; when all are there, there is nothing to report.</summary>
/// <param name="File">File of the repository that the last bytes belong to; empty when there is none.</param>
/// <param name="Bytes">Bytes that are here, of all files together; those of a broken download that goes on count.</param>
/// <param name="Size">Bytes of all files together; null while a server does not say.</param>
/// <param name="Note">What the user should know: a broken connection, the cached copy instead of an answer. Usually null.</param>
public sealed record HubProgress(string File, long Bytes, long? Size, string? Note = null);
