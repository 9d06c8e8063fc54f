namespace CacheGateway.Cli.Demo;

/// <summary>One endpoint of the example API as its readers use it; a row of the table.</summary>
/// <param name="Name">The name under which the backend counts it.</param>
/// <param name="Weight">How often its system's readers choose it, against the others of that system.</param>
/// <param name="DocumentedMs">What was documented for a cached answer of that system; null = nothing was.</param>
/// <param name="Reads">What is asked for, most popular first.</param>
internal sealed record DemoEndpoint(string Name, int Weight, double? DocumentedMs, IReadOnlyList<DemoRead> Reads);

/// <summary>A system behind the gateway, with people of its own: who waits for a slow report holds nobody else up.</summary>
internal sealed record DemoSystem(string Name, int Readers, IReadOnlyList<DemoEndpoint> Endpoints, IReadOnlyList<DemoWriteKind> Writes);
