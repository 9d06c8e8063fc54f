namespace CacheGateway.Model;

/// <summary>
/// How the letter of RFC 9111 and caution are weighed. The two differ in one table (Http/ProfileRules) and nowhere else.
/// </summary>
public enum CacheProfile
{
    /// <summary>The default: refuses what the RFC allows but origins rarely mean (Set-Cookie, cookies, errors, long guesses).</summary>
    Safe,

    /// <summary>RFC 9111 as written, for origins that already speak to shared caches.</summary>
    Rfc9111,
}
