namespace CacheGateway.Interleavings;

/// <summary>How time passes: timers fire when the clock comes to them, and what follows at once is done before anything else.</summary>
internal sealed class Passage(World world)
{
    /// <summary>Happenings in a row without any time passing: beyond, something turns in a circle.</summary>
    private const int LongestMoment = 2000;

    /// <summary>
    /// Lets everything finish that needs nothing from outside. The pool has one thread, which is this one: what is queued there runs before
    /// this goes on.
    /// </summary>
    public static async Task QuietAsync()
    {
        do
        {
            await Task.Yield();
        }
        while (ThreadPool.PendingWorkItemCount > 0);
    }

    /// <summary>Moves the clock to the next timer, not beyond <paramref name="limit"/>, and fires it.</summary>
    public bool Tick(long limit)
    {
        NodeTimer? next = null;
        foreach (var node in world.Nodes)
        {
            foreach (var timer in node.IsPaused ? [] : node.Time.Timers)
            {
                next = next is null || timer.Due < next.Due ? timer : next;
            }
        }

        if (next is null || next.Due > limit)
        {
            return false;
        }

        world.Timeline.MoveTo(next.Due);
        world.Stamp();
        next.Fire();
        return true;
    }

    /// <summary>All that waits happens in its order, and the timers as they come, for so long.</summary>
    public async Task CalmAsync(TimeSpan time)
    {
        world.Trace($"calm for {time.TotalMilliseconds} ms");
        var end = world.Timeline.Ticks + time.Ticks;
        var count = 0;
        var since = world.Timeline.Ticks;
        while (world.Failure is null)
        {
            await QuietAsync();
            if (world.Timeline.Ticks != since)
            {
                (since, count) = (world.Timeline.Ticks, 0);
            }
            else if (++count > LongestMoment)
            {
                world.Fail("something turns in a circle and never waits");
            }

            if (!world.Agenda.Happen(null) && !Tick(end))
            {
                world.Timeline.MoveTo(end);
                return;
            }
        }
    }

    public void Leap(TimeSpan time)
    {
        world.Trace($"{time.TotalMilliseconds} ms pass and nothing happens");
        world.Timeline.MoveTo(world.Timeline.Ticks + time.Ticks);
    }
}
