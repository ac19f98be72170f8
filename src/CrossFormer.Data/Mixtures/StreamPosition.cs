namespace CrossFormer.Data.Mixtures;

/// <summary>Where the stream of one dataset's frames stands.</summary>
/// <param name="Visit">The first visit to an episode of which frames may be left.</param>
/// <param name="Clock">Bytes of all visits before it.</param>
/// <param name="Due">When the last frame given out was due, in bytes.</param>
/// <param name="LastVisit">The visit that it belongs to; −1 at the beginning.</param>
/// <param name="LastFrame">Its place in that visit.</param>
public sealed record StreamPosition(long Visit, long Clock, long Due, long LastVisit, int LastFrame);
