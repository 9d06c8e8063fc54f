using CacheGateway.Model;

namespace CacheGateway.Warming;

/// <summary>What became of one target.</summary>
internal enum WarmOutcome
{
    /// <summary>Fetched, or confirmed by a 304, and stored.</summary>
    Stored,

    /// <summary>It was there already, and fresh.</summary>
    Fresh,

    /// <summary>The origin answered, and the answer may not be stored; or the request is one that passes.</summary>
    NotStored,

    /// <summary>No answer came, or an error of the origin's.</summary>
    Failed,
}

/// <param name="Outcome">What happened.</param>
/// <param name="Status">The origin's; 0 where it was not asked.</param>
/// <param name="Reason">Why nothing was stored; null where something was.</param>
internal readonly record struct WarmResult(WarmOutcome Outcome, int Status, Reason? Reason = null);
