namespace CacheGateway.FunctionalTests.Promises;

/// <summary>Bodies that tell which request of the path made them: what a client got names what the origin saw.</summary>
internal static class Numbered
{
    public const string Fresh = "Cache-Control: max-age=60";

    /// <summary>Answers the n-th request of a path with "n".</summary>
    public static void GetNumbered(this ScriptedOrigin origin, string path, params string[] headers) =>
        origin.Get(path, request => Reply.Ok($"{request.PathNumber}", headers));

    /// <summary>A gateway before an origin that answers every path so, with what these targets gave already stored.</summary>
    public static async Task<GatewayEnvironment> StartAsync(params string[] targets)
    {
        var env = await GatewayEnvironment.StartAsync();
        env.Origin.GetNumbered("/*", Fresh);
        foreach (var target in targets)
        {
            await env.GetAsync(target);
        }

        return env;
    }
}
