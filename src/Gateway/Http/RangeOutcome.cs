namespace CacheGateway.Http;

/// <summary>What a Range makes of the answer.</summary>
public enum RangeOutcome
{
    /// <summary>The Range is ignored: 200.</summary>
    Whole,

    /// <summary>206 with the one range.</summary>
    Partial,

    /// <summary>416.</summary>
    Unsatisfiable,
}
