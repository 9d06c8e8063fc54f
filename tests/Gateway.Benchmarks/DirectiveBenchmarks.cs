using BenchmarkDotNet.Attributes;
using CacheGateway.Http;

namespace Gateway.Benchmarks;

[MemoryDiagnoser]
public class DirectiveBenchmarks
{
    private static readonly string[] Lines = ["public, max-age=3600, s-maxage=60, stale-while-revalidate=30, must-revalidate"];

    [Benchmark]
    public RequestDirectives Request_None() => RequestDirectives.Parse(null, null);

    [Benchmark]
    public RequestDirectives Request_MaxAge() => RequestDirectives.Parse("max-age=0", null);

    [Benchmark]
    public RequestDirectives Request_Five() => RequestDirectives.Parse("no-cache, max-age=30, max-stale=5, min-fresh=1, only-if-cached", null);

    [Benchmark]
    public ResponseDirectives Response() => ResponseDirectives.Parse(Lines);
}
