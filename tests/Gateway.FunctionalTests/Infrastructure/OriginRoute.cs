namespace CacheGateway.FunctionalTests.Infrastructure;

/// <summary>Which requests a handler takes: a method (null = all; GET takes HEAD too) and a path, which takes every longer one when it ends in "*".</summary>
internal sealed record OriginRoute(string? Method, string Path, Func<OriginExchange, Task> Handler)
{
    public bool Takes(OriginRequest request) =>
        (Method is null || Method == request.Method || (Method == "GET" && request.Method == "HEAD")) &&
        (Path.EndsWith('*') ? request.Target.StartsWith(Path[..^1], StringComparison.Ordinal) : request.Path == Path);
}
