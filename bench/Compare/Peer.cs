using System.Diagnostics;

namespace Compare;

/// <summary>A server under comparison.</summary>
/// <param name="Name">As in the table.</param>
/// <param name="Port">HTTP/1.1 in the clear.</param>
/// <param name="Start">The command that runs it in the foreground.</param>
internal sealed record Peer(string Name, int Port, Func<Bench, ProcessStartInfo> Start)
{
    /// <summary>HTTPS with HTTP/1.1 and HTTP/2; 0 = none.</summary>
    public int TlsPort { get; init; }

    /// <summary>HTTP/2 in the clear; 0 = none.</summary>
    public int H2cPort { get; init; }

    /// <summary>The port that it listens on last, where that is another.</summary>
    public int? LastPort { get; init; }

    /// <summary>Clients at a time that it is set to hold: with more it closes or leaves waiting some that are being measured.</summary>
    public int MaxConnections { get; init; } = int.MaxValue;

    /// <summary>Peers that must be up first.</summary>
    public Peer[] Needs { get; init; } = [];

    public string BaseUrl(Load load) => load.Tls ? $"https://127.0.0.1:{TlsPort}" : $"http://127.0.0.1:{(load.Http2 ? H2cPort : Port)}";

    public bool Takes(Load load) => load.Tls ? TlsPort > 0 : !load.Http2 || H2cPort > 0;
}
