namespace CacheGateway.Model;

/// <summary>One selecting header of a stored response: its name and the normalised value the request had (null = the request had none).</summary>
public readonly record struct VaryValue(string Name, string? Value);
