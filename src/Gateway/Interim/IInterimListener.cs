namespace CacheGateway.Interim;

/// <summary>Who wants the interim responses of the request being forwarded.</summary>
internal interface IInterimListener
{
    /// <summary>False once nobody waits for the head any more.</summary>
    bool IsOpen { get; }

    /// <summary>Takes one message, ready to be sent. Called on the origin's connection: it must not wait.</summary>
    void Offer(ReadOnlyMemory<byte> message);
}
