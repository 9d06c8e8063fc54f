namespace CacheGateway.Admin;

/// <param name="ConfirmAbove">Share of this node's entries above which <c>"confirm": true</c> is needed; 0 = never.</param>
internal sealed record InvalidateOptions(double ConfirmAbove);
