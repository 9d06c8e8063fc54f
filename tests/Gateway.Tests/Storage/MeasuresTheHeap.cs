namespace CacheGateway.Tests.Storage;

/// <summary>Tests that weigh the process's heap: nothing else runs beside them.</summary>
[CollectionDefinition(nameof(MeasuresTheHeap), DisableParallelization = true)]
public sealed class MeasuresTheHeap;
