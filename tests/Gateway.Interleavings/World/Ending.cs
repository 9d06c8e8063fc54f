namespace CacheGateway.Interleavings;

/// <summary>How a schedule ends.</summary>
internal sealed class Ending(World world)
{
    /// <summary>All heals; whoever waits must get an answer, every node must see again, and nothing that was said may be forgotten.</summary>
    public async Task RunAsync()
    {
        if (world.Failure is not null)
        {
            return;
        }

        world.Trace("all is healed");
        world.Origin.Fails = false;
        foreach (var node in world.Nodes)
        {
            node.IsPaused = false;
            if (node.Wire.IsCut)
            {
                world.Faults.Heal(node);
            }
        }

        for (var i = 0; i < 5 && world.Failure is null && (i == 0 || !IsSettled()); i++)
        {
            await world.Passage.CalmAsync(TimeSpan.FromSeconds(3));
        }

        if (world.Failure is null && !IsSettled())
        {
            world.Fail($"not settled: {world.Clients.Waiting} requests wait, {string.Join("; ", world.Nodes.SelectMany(node => node.Warnings.Select(warning => $"{node.Name}: {warning}")))}");
            return;
        }

        world.Clients.Settle();
        foreach (var node in world.Nodes)
        {
            foreach (var target in world.Setting.Targets)
            {
                world.Clients.Get(node, target, plain: true);
            }
        }

        await world.Passage.CalmAsync(TimeSpan.FromSeconds(1));
        if (world.Failure is null && world.Clients.Waiting > 0)
        {
            world.Fail($"{world.Clients.Waiting} requests hang");
        }
    }

    private bool IsSettled() => world.Clients.Waiting == 0 && world.Nodes.TrueForAll(node => node.IsTrusted && node.Warnings.Count == 0);
}
