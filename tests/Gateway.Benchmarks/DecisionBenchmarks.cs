using BenchmarkDotNet.Attributes;
using CacheGateway.Http;
using CacheGateway.Model;

namespace Gateway.Benchmarks;

[MemoryDiagnoser]
public class DecisionBenchmarks
{
    private static readonly VariantSet One = Samples.Response("/a");
    private static readonly VariantSet Varying = Samples.Response("/a", [new("Accept-Encoding", "br,deflate,gzip")]);

    [Benchmark]
    public ServeDecision Hit() => Decide(One, default);

    [Benchmark]
    public ServeDecision Hit_Varying() => Decide(Varying, default);

    [Benchmark]
    public ServeDecision Hit_Conditional() => Decide(One, new RequestFacts { IfNoneMatch = "\"5f3c\"" });

    private static ServeDecision Decide(VariantSet set, in RequestFacts facts)
    {
        var stored = VaryRules.Select(set, new Samples.Browser(), Samples.Policy, facts.Range);
        return ServeDecision.For(stored, true, facts, Samples.Policy, 5000);
    }
}
