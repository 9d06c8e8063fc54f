namespace CacheGateway.Interim;

/// <summary>
/// The clients that wait for the head of one fill: an interim response goes to those that wait at that moment and is kept for nobody.
/// Belongs to the fill; clients come and go, each closing its own place.
/// </summary>
internal sealed class FillInterim : IInterimListener
{
    private readonly Lock _gate = new();
    private InterimClient? _first;
    private List<InterimClient>? _others;
    private bool _closed;

    /// <summary>Whether the request that is forwarded carries credentials; taken for true until its client has said that it does not.</summary>
    public bool IsPersonal { get; set; } = true;

    public bool IsOpen => !Volatile.Read(ref _closed);

    public void Add(InterimClient client)
    {
        lock (_gate)
        {
            if (_first is not { IsOpen: true })
            {
                // Mostly there is one.
                _first = client;
            }
            else
            {
                (_others ??= []).Add(client);
            }
        }
    }

    public void Offer(ReadOnlyMemory<byte> message)
    {
        lock (_gate)
        {
            if (_first is { IsOpen: true })
            {
                _first.Offer(message);
            }

            _others?.RemoveAll(client => !client.IsOpen);
            _others?.ForEach(client => client.Offer(message));
        }
    }

    /// <summary>The head is known, or none will come.</summary>
    public void Close()
    {
        lock (_gate)
        {
            Volatile.Write(ref _closed, true);
            (_first, _others) = (null, null);
        }
    }
}
