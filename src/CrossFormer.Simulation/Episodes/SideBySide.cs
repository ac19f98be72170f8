namespace CrossFormer.Simulation.Episodes;

/// <summary>Numbered work on several robots at once, with the results in order.</summary>
internal static class SideBySide
{
    /// <summary>Does the work of numbers <paramref name="first"/> to before <paramref name="end"/>.</summary>
    /// <param name="open">Opens a robot; at most <paramref name="workers"/> are, until the last result is drawn or the caller stops drawing.</param>
    /// <param name="first">First number.</param>
    /// <param name="end">Number after the last.</param>
    /// <param name="workers">At least 1.</param>
    /// <param name="work">One piece; must not depend on which robot does it.</param>
    /// <param name="cancellation">Ends it between pieces.</param>
    public static IEnumerable<T> Run<TRobot, T>(Func<TRobot> open, int first, int end, int workers, Func<TRobot, int, T> work, CancellationToken cancellation)
        where TRobot : IDisposable
    {
        var idle = new Stack<TRobot>();
        var running = new Queue<(Task<T> Work, TRobot Robot)>();
        try
        {
            for (var next = first; next < end || running.Count > 0;)
            {
                while (next < end && running.Count < workers)
                {
                    cancellation.ThrowIfCancellationRequested();
                    var (number, robot) = (next++, idle.TryPop(out var free) ? free : open());
                    running.Enqueue((Task.Run(() => work(robot, number), CancellationToken.None), robot));
                }

                var (oldest, its) = running.Peek();
                var result = oldest.GetAwaiter().GetResult();
                running.Dequeue();
                idle.Push(its);
                yield return result;
            }
        }
        finally
        {
            foreach (var (unfinished, robot) in running)
            {
                Task.WhenAny(unfinished).Wait(CancellationToken.None); // does not throw what the work threw
                idle.Push(robot);
            }

            foreach (var robot in idle)
                robot.Dispose();
        }
    }
}
