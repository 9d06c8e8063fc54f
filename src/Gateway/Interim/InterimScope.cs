namespace CacheGateway.Interim;

/// <summary>
/// Carries the listener from the code that forwards a request to the connection that <see cref="HttpClient"/> picks for it, which is reached by
/// no other way. Set only around the forwarding of one GET or HEAD without a body; it ends with the method that set it.
/// </summary>
internal static class InterimScope
{
    private static readonly AsyncLocal<IInterimListener?> Local = new();

    public static IInterimListener? Current
    {
        get => Local.Value;
        set => Local.Value = value;
    }
}
