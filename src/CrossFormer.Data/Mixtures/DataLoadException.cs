namespace CrossFormer.Data.Mixtures;

/// <summary>A dataset's episode could not be made into samples; says which, and the inner exception why.</summary>
public sealed class DataLoadException : Exception
{
    /// <summary>Describes a failure.</summary>
    /// <param name="dataset">The dataset's name.</param>
    /// <param name="origin">File and record.</param>
    /// <param name="inner">What happened.</param>
    public DataLoadException(string dataset, string origin, Exception inner) : base($"{dataset}: {inner.Message} ({origin})", inner) =>
        (Dataset, Origin) = (dataset, origin);

    /// <summary>The dataset's name.</summary>
    public string Dataset { get; }

    /// <summary>File and record.</summary>
    public string Origin { get; }
}
