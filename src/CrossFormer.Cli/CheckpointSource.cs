using CrossFormer.Checkpoints.Hub;
using Spectre.Console;

namespace CrossFormer.Cli;

/// <summary>
/// Every verb that takes a checkpoint asks here for its folder: so each accepts <c>hf://owner/name[@revision]</c> too, and
/// shows the download on standard error, as a bar on a terminal and as notes elsewhere.
/// </summary>
internal static class CheckpointSource
{
    /// <summary>As the other, for a checkpoint whose newest parameters are wanted; null stays null.</summary>
    public static async Task<string?> ResolveAsync(string? checkpoint, Terminal terminal, CancellationToken cancellation) =>
        checkpoint is null ? null : await ResolveAsync(checkpoint, CheckpointParts.All, step: null, terminal, cancellation);

    /// <summary>The folder (or safetensors file) that <paramref name="checkpoint"/> names, downloaded if need be.</summary>
    /// <param name="checkpoint">As typed.</param>
    /// <param name="parts">Whether parameters are wanted.</param>
    /// <param name="step">Training step; null: the newest.</param>
    /// <param name="terminal">For the progress bar.</param>
    /// <param name="cancellation">Set by Ctrl-C; what has arrived is kept.</param>
    public static Task<string> ResolveAsync(string checkpoint, CheckpointParts parts, int? step, Terminal terminal, CancellationToken cancellation) =>
        ShowAsync(checkpoint, terminal, progress => CheckpointLocation.ResolveAsync(checkpoint, progress, parts, step, cancellation));

    /// <summary>The file that a path names, or that of a name in a repository <c>hf://owner/name[@revision]</c>, downloaded if need be.</summary>
    public static Task<string> ResolveFileAsync(string path, string file, Terminal terminal, CancellationToken cancellation) =>
        ShowAsync(path, terminal, progress => CheckpointLocation.ResolveFileAsync(path, file, progress, cancellation));

    private static async Task<string> ShowAsync(string address, Terminal terminal, Func<IProgress<HubProgress>?, Task<string>> resolve)
    {
        if (!CheckpointLocation.IsRemote(address))
            return await resolve(null);
        if (!terminal.Progress.Profile.Out.IsTerminal)
            return await resolve(new Notes(terminal, address));
        return await terminal.Progress.Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new DownloadedColumn(), new TransferSpeedColumn(), new RemainingTimeColumn())
            .StartAsync(context => resolve(new Bar(context.AddTask(Markup.Escape(address), autoStart: true, maxValue: 1), terminal)));
    }

    // Called from several threads; a Spectre task may be set from any.
    private sealed class Bar(ProgressTask task, Terminal terminal) : IProgress<HubProgress>
    {
        public void Report(HubProgress value)
        {
            if (value.Note is { } note)
                terminal.Progress.MarkupLineInterpolated($"[yellow]{note}[/]");
            if (value.Size is { } size)
                task.MaxValue = Math.Max(size, 1);
            task.IsIndeterminate = value.Size is null;
            task.Value = value.Bytes;
        }
    }

    // One line for each tenth.
    private sealed class Notes(Terminal terminal, string checkpoint) : IProgress<HubProgress>
    {
        private const int Tenths = 10;
        private readonly Lock _lock = new();
        private long _tenth;

        public void Report(HubProgress value)
        {
            lock (_lock)
            {
                if (value.Note is { } note)
                    terminal.Note(note);
                if (value.Size is not ({ } size and > 0))
                    return;
                var tenth = value.Bytes * Tenths / size;
                if (tenth <= _tenth)
                    return;
                _tenth = tenth;
                terminal.Note($"{checkpoint}: {value.Bytes / 1048576.0:0.0} of {size / 1048576.0:0.0} MiB");
            }
        }
    }
}
