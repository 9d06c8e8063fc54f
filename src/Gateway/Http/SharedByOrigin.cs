using CacheGateway.Model;

namespace CacheGateway.Http;

/// <summary>Whether the origin itself said that a stored response is for everybody. Asked only for requests with credentials; allocates nothing.</summary>
internal static class SharedByOrigin
{
    public static bool Says(StoredResponse stored)
    {
        foreach (var field in stored.Headers)
        {
            if (!field.Is("Cache-Control"))
            {
                continue;
            }

            var reader = new DirectiveReader(field.Value);
            while (reader.Read())
            {
                if (reader.Is("public") || reader.Is("s-maxage"))
                {
                    return true;
                }
            }
        }

        return false;
    }
}
