namespace CacheGateway.Model;

/// <summary>The two parts of a request target in origin-form (RFC 9112 3.2.1), by their bytes.</summary>
public static class TargetParts
{
    /// <summary>What stands before the first "?", or all of it.</summary>
    public static ReadOnlySpan<char> Path(ReadOnlySpan<char> target)
    {
        var mark = target.IndexOf('?');
        return mark < 0 ? target : target[..mark];
    }

    /// <summary>The rest, with its "?"; empty where there is none.</summary>
    public static ReadOnlySpan<char> Query(ReadOnlySpan<char> target) => target[Path(target).Length..];
}
