namespace CacheGateway.Dashboard.Forms;

/// <summary>Where somebody was going who had to sign in first: a path of this listener and never another place, whoever wrote the link.</summary>
internal static class ReturnPath
{
    private const int Longest = 2048;

    /// <summary>The path, with its query, if it is one of this listener; otherwise the overview, as for the sign-in itself.</summary>
    /// <param name="text">As it was carried; null = nothing was.</param>
    public static string Of(string? text) => text is not null && IsLocal(text) && text.Split('?')[0] is not ("/login" or "/logout") ? text : "/";

    /// <summary>
    /// Begins with one slash, and holds nothing that browsers read as another one ("//", "/\") or leave out (tabs, line ends), so that no host can follow it.
    /// </summary>
    private static bool IsLocal(string text) =>
        text is ['/', .. var rest] && rest is not ['/', ..] && text.Length <= Longest && text.AsSpan().IndexOfAnyExceptInRange('!', '~') < 0
        && !text.Contains('\\', StringComparison.Ordinal);
}
