namespace CacheGateway.Storage.Redis;

/// <summary>
/// How Redis is reached: one standalone server (with or without replicas) or some nodes of a Cluster. A class and not a record, so that no
/// printed form can ever hold the password.
/// </summary>
public sealed class RedisSettings
{
    public const int DefaultPort = 6379;

    /// <summary>"host:port" each; all of one deployment.</summary>
    public required IReadOnlyList<string> EndPoints { get; init; }

    /// <summary>ACL user; null = the user "default".</summary>
    public string? User { get; init; }

    public string? Password { get; init; }

    /// <summary>TLS, the certificate checked by the machine's own roots.</summary>
    public bool Ssl { get; init; }

    /// <summary>Number of the database; always 0 on a Cluster. Where it cannot be selected there is no Redis.</summary>
    public int Database { get; init; }

    /// <summary>Calls under way at once; beyond it requests go on without Redis.</summary>
    public int MaxCalls { get; init; } = 256;

    /// <summary>Signs every stored response when set, so that a value written by another program is never served.</summary>
    public string? SigningKey { get; init; }

    /// <summary>What others sign with while the key is changed: values signed by them are taken as well.</summary>
    public IReadOnlyList<string> OtherSigningKeys { get; init; } = [];

    /// <summary>Addresses only.</summary>
    public override string ToString() => string.Join(',', EndPoints);
}
