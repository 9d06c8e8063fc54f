namespace CacheGateway.Interleavings;

/// <summary>
/// Where the continuations of a node's requests go: each waits until the schedule picks it, so that any two of them, and anything from outside,
/// may happen in either order.
/// </summary>
internal sealed class NodeContext(World world, GatewayNode node) : SynchronizationContext
{
    public override void Post(SendOrPostCallback d, object? state) =>
        world.Agenda.Add(new Happening($"{node.Name} goes on", node, null, () => Run(() => d(state))));

    public override void Send(SendOrPostCallback d, object? state) => Run(() => d(state));

    public override SynchronizationContext CreateCopy() => this;

    /// <summary>Runs code of the node that awaits here.</summary>
    public void Run(Action code)
    {
        var before = Current;
        SetSynchronizationContext(this);
        try
        {
            code();
        }
        finally
        {
            SetSynchronizationContext(before);
        }
    }
}
