namespace CacheGateway.FunctionalTests.Promises;

/// <summary>Bodies that tell which request of the path made them: what a client got names what the origin saw.</summary>
internal static class Numbered
{
    public const string Fresh = "Cache-Control: max-age=60";

    /// <summary>Answers the n-th request of a path with "n".</summary>
    public static void GetNumbered(this ScriptedOrigin origin, string path, params string[] headers) =>
        origin.Get(path, request => Reply.Ok($"{request.PathNumber}", headers));
}
