using CacheGateway.Invalidation;

namespace CacheGateway.Dashboard.Reading;

/// <summary>What is wrong now, in words for whoever can do something about it.</summary>
internal sealed class AlertReader(IInvalidationBus bus)
{
    public IReadOnlyList<AlertFigures> Firing => [.. bus.Warnings.Select(warning => new AlertFigures("warn", warning, "", null))];
}

internal sealed record AlertFigures(string Tone, string Title, string Advice, DateTimeOffset? Since);
