namespace CacheGateway.Model;

/// <summary>
/// All stored responses of one primary key (RFC 9111 4.1), newest first. Immutable: a change makes a new set. A response alone is the set of one itself,
/// which spares nearly every entry a set and its array (72 bytes).
/// </summary>
public abstract class VariantSet
{
    /// <summary>Bytes that each of several takes in a set, beside its own.</summary>
    internal const long Place = 8;

    private protected VariantSet()
    {
    }

    /// <summary>At least one.</summary>
    public abstract ReadOnlySpan<StoredResponse> Responses { get; }

    /// <summary>Bytes in memory, estimated upwards.</summary>
    public abstract long Size { get; init; }

    /// <summary>What all of them are responses for.</summary>
    internal abstract StoredKey Key { get; }

    /// <summary>The set of responses that all have one key.</summary>
    public static VariantSet Of(params StoredResponse[] responses)
    {
        ArgumentNullException.ThrowIfNull(responses);
        ArgumentOutOfRangeException.ThrowIfZero(responses.Length);
        return responses.Length == 1 ? responses[0] : new Several(responses);
    }

    private sealed class Several : VariantSet
    {
        /// <summary>This object and its array, beside the references.</summary>
        private const int Overhead = 56;

        private readonly StoredResponse[] _responses;

        public Several(StoredResponse[] responses)
        {
            _responses = responses;
            Size = Overhead + (responses.Length * Place) + responses.Sum(response => response.Size);
        }

        public override ReadOnlySpan<StoredResponse> Responses => _responses;

        public override long Size { get; init; }

        internal override StoredKey Key => _responses[0].Key;
    }
}
