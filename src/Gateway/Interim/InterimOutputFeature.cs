using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;

namespace CacheGateway.Interim;

/// <summary>The wire of a client's connection below the server's HTTP (and above TLS); set by the listener, belongs to the connection.</summary>
internal sealed class InterimOutputFeature(ConnectionContext connection)
{
    public PipeWriter Output { get; } = connection.Transport.Output;

    public void Abort(string reason) => connection.Abort(new ConnectionAbortedException(reason));
}
