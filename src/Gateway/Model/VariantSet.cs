namespace CacheGateway.Model;

/// <summary>
/// All stored responses of one primary key (RFC 9111 4.1), newest first. Immutable: a change makes a new set.
/// </summary>
public sealed class VariantSet
{
    public VariantSet(string key, StoredResponse[] responses)
    {
        Key = key;
        Responses = responses;
        long size = (key.Length * 2) + 120;
        foreach (var response in responses)
        {
            size += response.Size;
        }

        Size = size;
    }

    public string Key { get; }

    public StoredResponse[] Responses { get; }

    /// <summary>What all of them are responses for: it is part of the key.</summary>
    public ResourceId? Resource => Responses.Length == 0 ? null : Responses[0].Resource;

    /// <summary>Bytes in memory, estimated upwards.</summary>
    public long Size { get; }
}
