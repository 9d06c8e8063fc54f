namespace CacheGateway.Dashboard;

/// <summary>How a browser comes in and leaves, where a token is asked for: the listener's own rules, which the dashboard does not know.</summary>
/// <param name="IsNeeded">Whether the listener asks for a token.</param>
/// <param name="Enter">Begins a session if the token is right; says whether it was.</param>
/// <param name="Leave">Ends the session.</param>
/// <param name="IsOpenTo">Whether who asked may (still) be here.</param>
internal sealed record DashboardDoor(bool IsNeeded, Func<HttpContext, string, bool> Enter, Action<HttpContext> Leave, Func<HttpRequest, bool> IsOpenTo);
