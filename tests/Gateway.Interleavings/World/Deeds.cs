namespace CacheGateway.Interleavings;

/// <summary>What a schedule does next, by the weights of its setting.</summary>
internal sealed class Deeds(World world)
{
    public async Task ChooseAsync()
    {
        var total = 0;
        foreach (var weight in world.Setting.Weights)
        {
            total += weight;
        }

        var at = world.Choices.Next(total);
        var deed = 0;
        while (at >= world.Setting.Weights[deed])
        {
            at -= world.Setting.Weights[deed++];
        }

        await DoAsync((Deed)deed);
    }

    private async Task DoAsync(Deed deed)
    {
        switch (deed)
        {
            case Deed.Tick:
                world.Passage.Tick(long.MaxValue);
                break;
            case Deed.Calm:
                await world.Passage.CalmAsync(TimeSpan.FromMilliseconds(world.Choices.Next(3) switch { 0 => 30, 1 => 600, _ => 2500 }));
                break;
            case Deed.Get:
                world.Clients.Get(world.Some(world.Nodes), world.Some(world.Setting.Targets));
                break;
            case Deed.Invalidate:
                world.Clients.Invalidate(world.Some(world.Nodes), world.Some(world.Setting.Targets));
                break;
            case Deed.Post:
                world.Clients.Post(world.Some(world.Nodes), world.Some(world.Setting.Targets));
                break;
            case Deed.EvictMemory:
                world.Faults.EvictMemory(world.Some(world.Nodes));
                break;
            case Deed.EvictShared when world.Server.Keys("x:r1:") is { Count: > 0 } keys:
                world.Redis.DropStored(keys);
                break;
            case Deed.Cut when world.Nodes.FindAll(node => !node.Wire.IsCut) is { Count: > 0 } whole:
                world.Faults.Cut(world.Some(whole));
                break;
            case Deed.Heal when world.Nodes.FindAll(node => node.Wire.IsCut) is { Count: > 0 } cut:
                world.Faults.Heal(world.Some(cut));
                break;
            case Deed.Pause when world.Nodes.FindAll(node => !node.IsPaused) is { Count: > 0 } going:
                world.Faults.Pause(world.Some(going), true);
                break;
            case Deed.Resume when world.Nodes.FindAll(node => node.IsPaused) is { Count: > 0 } paused:
                world.Faults.Pause(world.Some(paused), false);
                break;
            case Deed.Leap:
                world.Passage.Leap(TimeSpan.FromMilliseconds(world.Choices.Next(4) switch { 0 => 5, 1 => 60, 2 => 900, _ => 1600 }));
                break;
            case Deed.Lose or Deed.Double when world.Agenda.Messages() is { Count: > 0 } messages:
                world.Faults.LoseOrDouble(world.Some(messages), deed == Deed.Lose);
                break;
            case Deed.Fail:
                world.Origin.Fails = !world.Origin.Fails;
                world.Trace(world.Origin.Fails ? "the origin is ill" : "the origin is well");
                break;
            case Deed.Abandon:
                world.Clients.Abandon();
                break;
            case Deed.Replace:
                world.Faults.Replace(world.Choices.Next(world.Nodes.Count));
                break;
            case Deed.Save:
                world.Redis.Save();
                break;
            case Deed.RestartEmpty:
                world.Redis.RestartEmpty();
                break;
            case Deed.RestartOld:
                world.Redis.RestartOld();
                break;
            case Deed.LoseKey:
                world.Redis.LoseKey();
                break;
            case Deed.Trim:
                world.Redis.Trim();
                break;
            case Deed.SetClock:
                world.Redis.SetClock();
                break;
            default:
                if (!world.Agenda.Happen(world.Choices))
                {
                    world.Passage.Tick(long.MaxValue);
                }

                break;
        }
    }
}
