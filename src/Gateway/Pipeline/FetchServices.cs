using CacheGateway.Diagnostics;
using CacheGateway.Diagnostics.Traffic;
using CacheGateway.Storage;

namespace CacheGateway.Pipeline;

/// <summary>What every fetch of a gateway shares.</summary>
/// <param name="Gate">Where its fill is known.</param>
/// <param name="Admission">Judges and stores.</param>
/// <param name="Unstored">Told of what turns out not to be stored.</param>
/// <param name="Budget">What bodies under way take their bytes from.</param>
/// <param name="Memory">What counts finished bodies while clients are being sent them.</param>
/// <param name="Limits">For how long a reader may hold it up.</param>
/// <param name="Time">The clock.</param>
/// <param name="Metrics">Counts what is not stored.</param>
/// <param name="Traffic">Counts failures of the origin.</param>
/// <param name="Failures">Tells of broken bodies.</param>
/// <param name="Logger">Tells of slow readers.</param>
internal sealed record FetchServices(
    FillGate Gate, ResponseAdmission Admission, UnstoredAnswers Unstored, FillBudget Budget, MemoryTier Memory, GatewayLimits Limits, TimeProvider Time, GatewayMetrics Metrics, TrafficRecorder Traffic,
    OriginFailureLog Failures, ILogger Logger);
