namespace CrossFormer.Data.Conversion;

/// <summary>Work on several items at once, with the results in the items' order and a bound on how many are under way.</summary>
internal static class OrderedTasks
{
    /// <summary>
    /// Maps items on the thread pool. The source is enumerated by the caller's thread; at most <paramref name="degree"/> items
    /// are ahead of the result that is taken. Whoever stops early waits for those.
    /// </summary>
    public static IEnumerable<TResult> SelectInOrder<T, TResult>(this IEnumerable<T> source, int degree, Func<T, TResult> select)
    {
        var pending = new Queue<Task<TResult>>();
        try
        {
            foreach (var item in source)
            {
                if (pending.Count == degree)
                    yield return pending.Dequeue().GetAwaiter().GetResult();
                pending.Enqueue(Task.Run(() => select(item)));
            }

            while (pending.TryDequeue(out var next))
                yield return next.GetAwaiter().GetResult();
        }
        finally
        {
            // WhenAny does not throw: what failed behind the first failure is of no interest.
            foreach (var left in pending)
                Task.WhenAny(left).Wait();
        }
    }
}
