namespace CacheGateway.Model;

/// <summary>One field line as it stands on the wire (RFC 9110 5.1): several lines of one name are several of these, in order.</summary>
public readonly record struct HeaderField(string Name, string Value)
{
    public bool Is(string name) => string.Equals(Name, name, StringComparison.OrdinalIgnoreCase);
}
