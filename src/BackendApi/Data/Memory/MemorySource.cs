using BackendApi.Hosting;

namespace BackendApi.Data.Memory;

internal sealed class MemorySource : IDataSource
{
    public string Name => "memory";

    public Task<IReadOnlyDictionary<string, object>?> StatisticsAsync(CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyDictionary<string, object>?>(null);
}
