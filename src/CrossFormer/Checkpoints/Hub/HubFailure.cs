namespace CrossFormer.Checkpoints.Hub;

/// <summary>Why a checkpoint could not be had from the Hub.</summary>
public enum HubFailure
{
    /// <summary>No answer, or none but server errors, however often it was tried.</summary>
    Unreachable,

    /// <summary>There is no such repository, revision, step or file.</summary>
    NotFound,

    /// <summary>The repository is private or gated, and the token, if any, does not open it.</summary>
    Denied,

    /// <summary>What arrived is not what the Hub said it would be.</summary>
    Corrupt,

    /// <summary>The network may not be used, and the cache does not have it.</summary>
    Offline,

    /// <summary>The server does not speak as the Hub does, or names files outside the repository.</summary>
    Protocol,
}
