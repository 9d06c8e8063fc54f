using CacheGateway.Model;

namespace CacheGateway.Http;

/// <summary>Which stored responses a 304 confirms (RFC 9111 4.3.4).</summary>
public static class RevalidationSelect
{
    /// <summary>
    /// Empty = a 304 that nobody can use: fetch again without conditions. A strong tag confirms every response that has it; a weak validator
    /// the newest that has it. A 304 without any validator can only mean the response whose validator was sent.
    /// </summary>
    /// <param name="set">The stored responses of the key.</param>
    /// <param name="notModified">Header fields of the 304.</param>
    /// <param name="nominated">The one stored response whose validators the request carried; null when it carried several or none.</param>
    public static IReadOnlyList<StoredResponse> For(VariantSet set, HeaderField[] notModified, StoredResponse? nominated)
    {
        ArgumentNullException.ThrowIfNull(set);
        var facts = ResponseFacts.From(304, notModified, []);
        if (facts.ETag is { } tag)
        {
            var same = Array.FindAll(set.Responses.ToArray(), stored => IsOrigins(stored, tag));
            return EntityTags.IsWeak(tag) ? Newest(same) : same;
        }

        if (facts.LastModified is { } modified)
        {
            return Newest(Array.FindAll(set.Responses.ToArray(), stored => stored.LastModified == modified));
        }

        return nominated is not null ? [nominated]
            : set.Responses is [{ LastModified: null } only] && (only.ETag is null || only.ETagGenerated) ? [only]
            : [];
    }

    /// <summary>A generated tag was never the origin's, however equal it looks.</summary>
    private static bool IsOrigins(StoredResponse stored, string tag) =>
        !stored.ETagGenerated && stored.ETag is { } own && EntityTags.Same(own, tag, strong: !EntityTags.IsWeak(tag));

    private static StoredResponse[] Newest(StoredResponse[] matching)
    {
        StoredResponse? newest = null;
        foreach (var stored in matching)
        {
            newest = newest is null || stored.Date > newest.Date ? stored : newest;
        }

        return newest is null ? [] : [newest];
    }
}
