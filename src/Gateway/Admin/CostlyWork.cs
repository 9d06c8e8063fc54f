namespace CacheGateway.Admin;

/// <summary>Bounds how much of what looks through the whole memory runs at once (<see cref="CostlyPlaces"/>): whoever asks for much of it waits in line, and is refused beyond that.</summary>
internal sealed class CostlyWork(RequestDelegate next, CostlyPlaces places)
{
    public async Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<CostlyMark>() is null)
        {
            await next(context);
            return;
        }

        using var place = await places.TakeAsync(context);
        if (place is not null)
        {
            await next(context);
        }
    }
}

/// <summary>Marks an endpoint whose answer costs a look through all that is stored, or as much work as that.</summary>
internal sealed class CostlyMark
{
    public static readonly CostlyMark Here = new();
}
