namespace CacheGateway.Interim;

/// <summary>
/// Tells the code that writes a request's content that its origin takes no more of it: the connection knows, which <see cref="HttpClient"/> picks and which is reached by no other way. Begun by that
/// code for one request; seen by all that it calls, and ends with the method that began it.
/// </summary>
internal sealed class ContentScope
{
    private static readonly AsyncLocal<ContentScope?> Local = new();

    /// <summary>That of the content being written; null where it is anything else.</summary>
    public static ContentScope? Current => Local.Value;

    /// <summary>Whether what is written from now on goes nowhere, for the answer lies there and the origin is gone behind it.</summary>
    public bool IsRefused { get; set; }

    public static ContentScope Begin() => Local.Value = new ContentScope();
}
