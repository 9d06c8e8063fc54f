namespace CacheGateway.Model;

/// <summary>
/// The primary cache key (RFC 9111 2) as text: every part behind its own length, so that no two different requests can give one text.
/// Drawn:
/// <code>
/// v1 | len:deployment | len:policy@version#hash of sharing rules and tags | len:route | len:scheme | len:authority | len:target | n { len:name len:value } | len:identity
/// </code>
/// It is what the store compares on every read; hashes are made from it, never instead of it.
/// </summary>
public sealed record CacheKey
{
    public CacheKey(string text, ResourceId resource, int targetAt)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (!text.AsSpan(targetAt).StartsWith(resource.Target))
        {
            throw new ArgumentException("The key holds no such target there.", nameof(targetAt));
        }

        (Text, Resource, TargetAt) = (text, resource, targetAt);
    }

    public string Text { get; }

    public ResourceId Resource { get; }

    /// <summary>Where in <see cref="Text"/> the target begins.</summary>
    public int TargetAt { get; }
}
