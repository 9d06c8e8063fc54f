namespace CacheGateway.Interleavings;

/// <summary>What happens to the Redis of a schedule: snapshots, restarts, keys and entries that get lost, a clock that is set.</summary>
internal sealed class RedisFaults(World world)
{
    private int _runs;
    private object? _saved;
    private long _ahead;

    /// <summary>Microseconds since 1970 by its clock.</summary>
    public long Now => world.Timeline.Micros + _ahead;

    public void DropStored(IReadOnlyList<string> keys)
    {
        world.Trace("Redis drops a stored response");
        world.Server.Delete(world.Some(keys));
    }

    public void Save()
    {
        world.Trace("Redis writes a snapshot");
        _saved = world.Server.Save();
    }

    public void RestartEmpty() => Restart(null, "empty");

    public void RestartOld() => Restart(world.Choices.Next(2) == 0 && _saved is not null ? _saved : world.Server.Save(), "with data");

    public void LoseKey()
    {
        var key = (string)World.FenceKeys.Group[world.Choices.Next(World.FenceKeys.Group.Length)]!;
        world.Trace($"Redis loses {key}");
        world.Server.Delete(key);
    }

    public void Trim()
    {
        world.Trace("Redis trims the stream");
        world.Server.Trim((string)World.FenceKeys.Group[2]!);
    }

    public void SetClock()
    {
        _ahead += (world.Choices.Next(2) == 0 ? 1 : -1) * 5_000_000L;
        world.Trace("Redis' clock is set");
    }

    private void Restart(object? saved, string how)
    {
        world.Trace($"Redis restarts {how}");
        foreach (var node in world.Nodes)
        {
            if (!node.Wire.IsCut)
            {
                node.Wire.Cut(isLoud: true, comesLate: false);
                node.Wire.Heal();
            }
        }

        world.Server.Restart($"run{++_runs}", saved);
    }
}
