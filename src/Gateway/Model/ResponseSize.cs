namespace CacheGateway.Model;

/// <summary>What a stored response costs in memory, in bytes, estimated upwards: its object, fields, body, key parts, tags and codings. Pure.</summary>
internal static class ResponseSize
{
    /// <summary>The object and the array of its fields, as a heap after a full collection shows them.</summary>
    private const int Overhead = 176 + 24;

    /// <summary>Object header and length of an array or a text, and what rounding to whole words adds.</summary>
    private const int ArrayOverhead = 28;

    /// <summary>The object of what is seldom there, the array of selecting headers and the range or codings in it.</summary>
    private const int ExtrasOverhead = 72 + 24;

    /// <summary>The object that holds what keys share, where nothing shares it.</summary>
    private const int KeySpaceOverhead = 56;

    /// <param name="response">As it is stored.</param>
    /// <param name="hasExtras">Whether it has what is seldom there.</param>
    public static long Of(StoredResponse response, bool hasExtras)
    {
        var (key, body) = (response.Key, response.Body);
        var size = Overhead + Of(key.Target) + Of(key.End) + (response.ETagGenerated ? Of(response.ETag) : 0) + (response.Headers.Length * 16L) + body.Length + (body.Count * ArrayOverhead);
        if (key.Own is var (prefix, authority))
        {
            size += KeySpaceOverhead + Of(prefix) + Of(authority);
        }

        foreach (var field in response.Headers)
        {
            size += Of(field.Value);
        }

        foreach (var vary in response.Vary)
        {
            size += 16 + Of(vary.Value);
        }

        foreach (var tag in response.Tags)
        {
            size += 8 + Of(tag);
        }

        foreach (var coded in response.Coded)
        {
            size += coded.Response.Size;
        }

        return size + (hasExtras ? ExtrasOverhead : 0);
    }

    /// <summary>What a text costs this response: nothing where many have it. Names of fields are such texts.</summary>
    private static long Of(string? text) => text is null || SharedText.IsShared(text) ? 0 : ArrayOverhead + (text.Length * 2L);
}
