using Microsoft.Net.Http.Headers;

namespace CacheGateway.Pipeline;

/// <summary>Which Host the origin of a route sees, by the route's transforms: the client's own, one that they write, or the destination's.</summary>
internal sealed class HostRule
{
    /// <param name="transforms">Of the route, in their order.</param>
    public HostRule(IReadOnlyList<IReadOnlyDictionary<string, string>> transforms)
    {
        foreach (var transform in transforms)
        {
            if (transform.TryGetValue("RequestHeaderOriginalHost", out var original) && bool.TryParse(original, out var isOriginal))
            {
                (IsOriginalNamed, IsOfClient) = (true, isOriginal);
            }

            IsWritten |= transform.TryGetValue("RequestHeader", out var name) && name.Equals(HeaderNames.Host, StringComparison.OrdinalIgnoreCase);
        }

        IsOfClient &= !IsWritten;
    }

    /// <summary>Whether it is what the client says.</summary>
    public bool IsOfClient { get; }

    /// <summary>Whether a transform writes it.</summary>
    public bool IsWritten { get; }

    /// <summary>Whether a transform says if it is the client's.</summary>
    public bool IsOriginalNamed { get; }
}
