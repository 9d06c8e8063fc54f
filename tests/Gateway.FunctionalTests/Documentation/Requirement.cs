namespace CacheGateway.FunctionalTests.Documentation;

/// <summary>How strongly RFC 9111 wants something (BCP 14).</summary>
internal enum Level
{
    Must,
    Should,
    May,
}

/// <summary>One requirement of RFC 9111 on a shared cache, in our own words.</summary>
/// <param name="Section">Where it stands ("4.2.1").</param>
/// <param name="Level">How strongly.</param>
/// <param name="Text">What a cache does or does not do.</param>
/// <param name="NotDone">Why it is not done; null = it is done, and tests prove it.</param>
/// <param name="ProvedBy">The section whose tests prove it; null = its own.</param>
internal sealed record Requirement(string Section, Level Level, string Text, string? NotDone = null, string? ProvedBy = null)
{
    public string TestsOf => $"RFC 9111 {ProvedBy ?? Section}";
}
