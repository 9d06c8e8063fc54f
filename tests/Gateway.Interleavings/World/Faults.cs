namespace CacheGateway.Interleavings;

/// <summary>What goes wrong with nodes, with their ways to Redis, and with messages.</summary>
internal sealed class Faults(World world)
{
    public void EvictMemory(GatewayNode node)
    {
        var keys = node.Memory.Snapshot().Select(set => set.Key.ToString()).Order(StringComparer.Ordinal).ToList();
        if (keys.Count > 0)
        {
            world.Trace($"{node.Name} has no room for something");
            node.Memory.Update(world.Some(keys), _ => null);
        }
    }

    public void Cut(GatewayNode node)
    {
        var isLoud = world.Choices.Next(2) == 0;
        var comesLate = world.Choices.Next(2) == 1;
        world.Trace($"{node.Name} is cut from Redis{(isLoud ? "" : ", and does not know it")}{(comesLate ? "; what is under way comes late" : "")}");
        node.Wire.Cut(isLoud, comesLate);
    }

    public void Heal(GatewayNode node)
    {
        world.Trace($"{node.Name} reaches Redis again");
        node.Wire.Heal();
    }

    public void Pause(GatewayNode node, bool pauses)
    {
        world.Trace($"{node.Name} {(pauses ? "stops" : "goes on")}");
        node.IsPaused = pauses;
    }

    public void LoseOrDouble(Happening message, bool loses)
    {
        world.Trace($"{(loses ? "lost" : "twice")}: {message.What}");
        if (loses)
        {
            world.Agenda.Remove(message);
        }
        else
        {
            world.Agenda.Add(message with { Lane = null });
        }
    }

    public void Replace(int place)
    {
        var gone = world.Nodes[place];
        world.Trace($"{gone.Name} is killed, and started anew");
        gone.Wire.Cut(isLoud: false, comesLate: world.Choices.Next(2) == 1);
        gone.Dispose();
        world.Agenda.Forget(gone);
        world.Clients.Forget(gone);
        world.PutInto(place, gone.Name).Start();
    }
}
