using Microsoft.Net.Http.Headers;

namespace CacheGateway.Pipeline;

/// <summary>What a route's transforms say of the Host that its origin sees.</summary>
internal sealed class HostRule
{
    /// <param name="transforms">Of the route, in their order.</param>
    public HostRule(IReadOnlyList<IReadOnlyDictionary<string, string>> transforms)
    {
        foreach (var transform in transforms)
        {
            if (transform.TryGetValue("RequestHeaderOriginalHost", out var original))
            {
                IsOriginalNamed = true;
                IsOriginal = bool.TryParse(original, out var isOriginal) && isOriginal;
            }

            if (transform.TryGetValue("RequestHeader", out var name) && name.Equals(HeaderNames.Host, StringComparison.OrdinalIgnoreCase) && transform.TryGetValue("Set", out var written))
            {
                Written = written;
            }
        }
    }

    /// <summary>The one that is written, whoever asks; null where none is.</summary>
    public string? Written { get; }

    /// <summary>Whether it is the client's, where none is written.</summary>
    public bool IsOriginal { get; }

    /// <summary>Whether a transform says if it is the client's.</summary>
    public bool IsOriginalNamed { get; }
}
