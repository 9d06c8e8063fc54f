using BenchmarkDotNet.Attributes;
using CacheGateway.Model;
using CacheGateway.Storage.Redis;

namespace Gateway.Benchmarks;

/// <summary>The head of a stored response as it lies in Redis.</summary>
[MemoryDiagnoser]
public class CodecBenchmarks
{
    private static readonly CacheKey Key = Samples.Key("/api/products/7");

    private readonly StoredResponseCodec _codec = new(signingKey: null);
    private readonly StoredHead _head = new(
        Samples.Response("/api/products/7"), "life-1", 1_700_000_000_123, BodyCodec.Encode(BodySegments.Copy(new byte[200]), isCompressed: false)!.Value.Name);

    private byte[] _bytes = [];

    [GlobalSetup]
    public void Encode() => _bytes = _codec.Encode(_head)!;

    [Benchmark]
    public object? Write() => _codec.Encode(_head);

    [Benchmark]
    public object? Read()
    {
        _codec.Decode(_bytes, Key, out var head);
        return head;
    }
}
