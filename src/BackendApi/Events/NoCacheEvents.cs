namespace BackendApi.Events;

/// <summary>Nobody keeps copies.</summary>
internal sealed class NoCacheEvents : ICacheEvents
{
    public Task PublishAsync(string name, object data, CancellationToken cancellation = default) => Task.CompletedTask;
}
