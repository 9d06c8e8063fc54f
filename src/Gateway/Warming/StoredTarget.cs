using CacheGateway.Model;
using CacheGateway.Pipeline;

namespace CacheGateway.Warming;

/// <summary>The request that a stored response answers, so that it can be asked again.</summary>
internal static class StoredTarget
{
    private static readonly string[] Credentials = ["Authorization", "Cookie", "Proxy-Authorization"];

    /// <summary>Null where it was made for one user: nobody can ask in that user's name, and nobody should.</summary>
    public static WarmTarget? Of(StoredResponse stored)
    {
        if (KeyParts.Of(stored.Key.ToString()) is not { Identity: "" } key || stored.Partial is not null
            || Array.Exists(stored.Vary, vary => vary.Value is not null && Credentials.Contains(vary.Name, StringComparer.OrdinalIgnoreCase)))
        {
            return null;
        }

        var headers = key.Headers.Where(header => header.Value is not null).ToDictionary(header => header.Key, header => header.Value!, StringComparer.OrdinalIgnoreCase);
        foreach (var vary in stored.Vary.Where(vary => vary.Value is not null))
        {
            headers[vary.Name] = vary.Value!;
        }

        return new WarmTarget(key.Scheme, key.Authority, key.Target, headers);
    }
}
