namespace CacheGateway.Policies.Tags;

/// <summary>
/// The tags of one response while they are collected. A response with a tag too many, too long or ill-formed could not be invalidated by all
/// that name it: it is not stored.
/// </summary>
internal sealed class TagSet
{
    /// <summary>Most tags of one response.</summary>
    public const int MaxTags = 256;

    private readonly HashSet<string> _tags = new(StringComparer.Ordinal);

    /// <summary>True once a tag was refused; the response must not be stored.</summary>
    public bool Overflowed { get; private set; }

    public int Count => _tags.Count;

    public bool Add(string tag)
    {
        if (_tags.Contains(tag))
        {
            return true;
        }

        if (_tags.Count == MaxTags || !TagText.IsTag(tag))
        {
            Overflowed = true;
            return false;
        }

        return _tags.Add(tag);
    }

    public string[] ToArray() => [.. _tags];
}
