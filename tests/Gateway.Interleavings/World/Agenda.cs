namespace CacheGateway.Interleavings;

/// <summary>What may happen next: messages under way, continuations, clients about to come. The schedule chooses among them.</summary>
internal sealed class Agenda(World world)
{
    private readonly List<Happening> _waiting = [];
    private readonly HashSet<object> _blocked = [];

    public void Add(Happening happening) => _waiting.Add(happening);

    public void Remove(Happening happening) => _waiting.Remove(happening);

    /// <summary>Nothing of it happens any more.</summary>
    public void Forget(GatewayNode gone) => _waiting.RemoveAll(happening => happening.Owner == gone);

    /// <summary>Messages that may be lost, or come twice.</summary>
    public List<Happening> Messages() => _waiting.FindAll(one => one.MayBeLost);

    /// <summary>A moment that the schedule chooses.</summary>
    public Task MomentAsync(string what, GatewayNode? owner, CancellationToken cancellation)
    {
        var moment = new TaskCompletionSource();
        var happening = new Happening(what, owner, null, () => moment.TrySetResult());
        Add(happening);
        if (cancellation.CanBeCanceled)
        {
            cancellation.UnsafeRegister(_ =>
            {
                _waiting.Remove(happening);
                moment.TrySetCanceled(cancellation);
            }, null);
        }

        return moment.Task;
    }

    /// <summary>Takes all that is under way on a connection.</summary>
    public List<Happening> TakeLane(object lane)
    {
        var taken = _waiting.FindAll(happening => happening.Lane == lane);
        _waiting.RemoveAll(happening => happening.Lane == lane);
        return taken;
    }

    /// <summary>Does one of the things that may happen now; the oldest where no choices are given.</summary>
    public bool Happen(Choices? choices)
    {
        _blocked.Clear();
        var may = new List<int>();
        for (var i = 0; i < _waiting.Count; i++)
        {
            var one = _waiting[i];
            if ((one.Lane is null || _blocked.Add(one.Lane)) && one.Owner is not ({ IsPaused: true } or { IsDead: true }))
            {
                may.Add(i);
                if (choices is null)
                {
                    break;
                }
            }
        }

        if (may.Count == 0)
        {
            return false;
        }

        var at = may[choices?.Next(may.Count) ?? 0];
        var happening = _waiting[at];
        _waiting.RemoveAt(at);
        world.Stamp();
        world.Trace(happening.What);
        happening.Run();
        return true;
    }
}
