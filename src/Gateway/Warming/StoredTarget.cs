using CacheGateway.Http;
using CacheGateway.Model;
using CacheGateway.Pipeline;

namespace CacheGateway.Warming;

/// <summary>The request that a stored response answers, so that it can be asked again.</summary>
internal static class StoredTarget
{
    private const string Accept = "Accept";

    private static readonly string[] Credentials = ["Authorization", "Cookie", "Proxy-Authorization"];

    /// <summary>Null where it was made for one user: nobody can ask in that user's name, and nobody should.</summary>
    public static WarmTarget? Of(StoredResponse stored)
    {
        if (KeyParts.Of(stored.Key.ToString()) is not { Identity: "" } key || stored.Partial is not null)
        {
            return null;
        }

        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in key.Headers.Select(header => (header.Key, header.Value)).Concat(stored.Vary.Select(vary => (vary.Name, vary.Value))))
        {
            if (value is not null)
            {
                if (Credentials.Contains(name, StringComparer.OrdinalIgnoreCase) || CredentialFields.Are(name))
                {
                    return null;
                }

                headers[name] = value;
            }
            else if (name.Equals(Accept, StringComparison.OrdinalIgnoreCase))
            {
                // What is warmed accepts everything where nothing is said of it.
                headers[name] = "";
            }
        }

        return new WarmTarget(key.Scheme, key.Authority, key.Target, headers);
    }
}
