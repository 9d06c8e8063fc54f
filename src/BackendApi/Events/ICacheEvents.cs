namespace BackendApi.Events;

/// <summary>
/// Tells whoever keeps copies of our data that something changed. Called after the commit and before the answer; it never fails the write, and
/// takes two seconds at most. What is done with an event (which copies it concerns) is decided by who receives it.
/// </summary>
internal interface ICacheEvents
{
    Task PublishAsync(string name, object data, CancellationToken cancellation = default);
}
