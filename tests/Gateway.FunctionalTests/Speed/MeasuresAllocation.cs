namespace CacheGateway.FunctionalTests.Speed;

/// <summary>Tests that count what the process allocates: nothing else runs beside them.</summary>
[CollectionDefinition(nameof(MeasuresAllocation), DisableParallelization = true)]
public sealed class MeasuresAllocation;
