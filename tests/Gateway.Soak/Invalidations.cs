namespace CacheGateway.Soak;

/// <summary>Changes data behind the gateways' backs and says so to one of them; what all acknowledged is from then on a promise.</summary>
internal sealed class Invalidations(SoakWorld world, int number, int of)
{
    private readonly Random _random = new(HashCode.Combine(world.Options.Seed, "invalidations", number));

    public async Task RunAsync(CancellationToken cancellation)
    {
        // Each has resources of its own, so that versions are acknowledged in their order.
        var mine = world.Resources.All.Where((resource, index) => index % of == number && resource.Kind != "n").ToArray();
        while (!cancellation.IsCancellationRequested)
        {
            var resource = mine[(int)(mine.Length * _random.NextDouble() * _random.NextDouble())];
            var gateway = world.Gateways[_random.Next(world.Gateways.Count)];
            var version = resource.Change();
            try
            {
                if (await gateway.InvalidateAsync(resource.Tag, world.Gateways.Count))
                {
                    resource.Acknowledge(version);
                    world.History.Count("invalidations acknowledged by all");
                }
                else
                {
                    world.History.Count("invalidations not yet everywhere");
                }
            }
            catch (Exception away) when (away is HttpRequestException or IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
            {
                world.History.Count("invalidations that found their gateway down");
            }

            await Task.Delay(_random.Next(20, 200), CancellationToken.None);
        }
    }
}
