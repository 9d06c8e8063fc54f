namespace CacheGateway.Warming;

/// <param name="Targets">What will be asked for, each once.</param>
/// <param name="Errors">What is wrong with the order; with one, nothing is done.</param>
internal sealed record WarmPlan(IReadOnlyList<WarmTarget> Targets, IReadOnlyList<string> Errors);
