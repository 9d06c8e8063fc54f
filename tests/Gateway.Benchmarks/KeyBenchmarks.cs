using BenchmarkDotNet.Attributes;
using CacheGateway.Model;
using CacheGateway.Pipeline;
using Microsoft.AspNetCore.Http;

namespace Gateway.Benchmarks;

[MemoryDiagnoser]
public class KeyBenchmarks
{
    private readonly KeyBuilder _keys = new("default.1");
    private readonly CachePolicy _isolated = Samples.Policy with { Key = KeyRules.Default };
    private readonly DefaultHttpContext _plain = Context();
    private readonly DefaultHttpContext _authorized = Context();

    public KeyBenchmarks() => _authorized.Request.Headers.Authorization = "Bearer 0123456789abcdef0123456789abcdef";

    [Benchmark]
    public CacheKey? Plain() => _keys.Build(_plain, Samples.Policy, 1, "api.example.org", "/api/products/7?page=2", null);

    [Benchmark]
    public CacheKey? Isolated() => _keys.Build(_authorized, _isolated, 1, "api.example.org", "/api/products/7?page=2", null);

    private static DefaultHttpContext Context()
    {
        var context = new DefaultHttpContext();
        context.Request.Scheme = "http";
        return context;
    }
}
