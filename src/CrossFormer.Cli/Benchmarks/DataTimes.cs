namespace CrossFormer.Cli.Benchmarks;

/// <summary>What one case of the data pipeline took.</summary>
/// <param name="ImagesPerS">Images of finished batches a second, the best of several times.</param>
/// <param name="SamplesPerS">The same in samples.</param>
/// <param name="ImagesPerCpuS">Images a second of processor time, over all of the time.</param>
/// <param name="AllocatedBytesPerImage">What the collector has to look after.</param>
/// <param name="Pauses">Collector's pauses in the steady state.</param>
/// <param name="LongestPauseMs">The longest of them.</param>
/// <param name="PeakMib">Largest resident size.</param>
/// <param name="Shares">Of the workers' time.</param>
internal sealed record DataTimes(
    double ImagesPerS, double SamplesPerS, double ImagesPerCpuS, double AllocatedBytesPerImage, int Pauses, double LongestPauseMs, double PeakMib, StageShares Shares);

/// <summary>Parts of the workers' time, adding up to 1.</summary>
internal sealed record StageShares(double Reading, double Decoding, double Resizing, double Augmenting, double Copying);

/// <summary>What reading records takes.</summary>
/// <param name="RecordsPerS">Records read and checked a second.</param>
/// <param name="MbPerS">The same in 10^6 bytes.</param>
/// <param name="PageCacheMbPerS">The same files read without looking at them.</param>
/// <param name="ChecksumMbPerS">The checksum of memory.</param>
internal sealed record ReaderTimes(double RecordsPerS, double MbPerS, double PageCacheMbPerS, double ChecksumMbPerS);
