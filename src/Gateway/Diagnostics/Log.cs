namespace CacheGateway.Diagnostics;

/// <summary>
/// Every log line of the gateway. Ids by folder (100 Policies, 200 Storage, 300 Pipeline, 400 Invalidation, 500 Admin), never reused.
/// Never bodies, cookies, Authorization or secrets; no query strings.
/// </summary>
internal static partial class Log
{
    [LoggerMessage(100, LogLevel.Information, "Loaded {Count} policies from {File}")]
    internal static partial void PoliciesLoaded(this ILogger logger, int count, string file);

    [LoggerMessage(101, LogLevel.Error, "The policies last loaded stay in force: {Error}")]
    internal static partial void PoliciesRejected(this ILogger logger, string error);

    [LoggerMessage(102, LogLevel.Warning, "Changes of {File} are noticed by polling alone, for it cannot be watched: {Reason}")]
    internal static partial void FileNotWatched(this ILogger logger, string file, string reason);

    [LoggerMessage(150, LogLevel.Information, "The changed configuration file is in force")]
    internal static partial void ConfigurationLoaded(this ILogger logger);

    [LoggerMessage(151, LogLevel.Warning, "The changed configuration file cannot be used, the last good one stays: {Problem}")]
    internal static partial void ConfigurationRejected(this ILogger logger, string problem);

    [LoggerMessage(152, LogLevel.Information, "SIGHUP is ignored: policies and configuration are read again by themselves when their files change")]
    internal static partial void HangUpIgnored(this ILogger logger);

    [LoggerMessage(153, LogLevel.Warning, "The configuration file was changed where it is read at the start alone; until the next one these stay as they were: {Keys}")]
    internal static partial void ConfigurationWaits(this ILogger logger, string keys);

    [LoggerMessage(201, LogLevel.Information, "Redis at {Address} is connected")]
    internal static partial void RedisConnected(this ILogger logger, string address);

    [LoggerMessage(202, LogLevel.Warning, "Redis at {Address} is not connected ({Why}); requests go on without it")]
    internal static partial void RedisLost(this ILogger logger, string address, string why);

    [LoggerMessage(203, LogLevel.Error, "A response could not be written to Redis, unexpectedly; it is not shared")]
    internal static partial void SharedWriteFailed(this ILogger logger, Exception exception);

    [LoggerMessage(204, LogLevel.Error, "What watches the connection to Redis failed unexpectedly, and goes on")]
    internal static partial void RedisWatchFailed(this ILogger logger, Exception exception);

    [LoggerMessage(220, LogLevel.Warning, "The process is near its memory limit ({Share:P0}): {Freed} bytes of stored responses were given back, the budget is {Budget} now")]
    internal static partial void MemoryGivenBack(this ILogger logger, long freed, long budget, double share);

    [LoggerMessage(301, LogLevel.Error, "A fetch under policy {Policy} failed unexpectedly; {Untold} more since it was last said")]
    internal static partial void FetchFailed(this ILogger logger, Exception exception, string policy, long untold);

    [LoggerMessage(302, LogLevel.Warning, "The origin's response under policy {Policy} was incomplete ({Error}); it is not stored; {Untold} more since it was last said")]
    internal static partial void OriginTruncated(this ILogger logger, string policy, string error, long untold);

    [LoggerMessage(303, LogLevel.Debug, "A client under policy {Policy} was cut off: it took too little of an answer that is not stored ({Reason})")]
    internal static partial void SlowReaderCut(this ILogger logger, string policy, string reason);

    [LoggerMessage(304, LogLevel.Warning, "The origin {Destination} could not answer: {Reason} ({Error}); {Untold} more since it was last said")]
    internal static partial void OriginError(this ILogger logger, string destination, string reason, string error, long untold);

    [LoggerMessage(305, LogLevel.Warning, "A request came back to this gateway: a destination points to it (508); {Untold} more since it was last said")]
    internal static partial void LoopDetected(this ILogger logger, long untold);

    [LoggerMessage(350, LogLevel.Information, "Warm-up ({Cause}) {State}: {Stored} stored, {Fresh} were fresh, {NotStored} not storable, {Failed} failed of {Total}")]
    internal static partial void Warmed(this ILogger logger, string cause, string state, int stored, int fresh, int notStored, int failed, int total);

    [LoggerMessage(351, LogLevel.Error, "A warm-up ({Cause}) failed unexpectedly")]
    internal static partial void WarmingFailed(this ILogger logger, Exception exception, string cause);

    [LoggerMessage(352, LogLevel.Warning, "The popular keys of the last run were not read ({Why}); warming begins without them")]
    internal static partial void PopularityNotRead(this ILogger logger, string why);

    [LoggerMessage(353, LogLevel.Warning, "The popular keys were not recorded ({Why})")]
    internal static partial void PopularityNotWritten(this ILogger logger, string why);

    [LoggerMessage(354, LogLevel.Warning, "Popular keys are not recorded: there is neither Redis nor --warming-file")]
    internal static partial void PopularityNotKept(this ILogger logger);

    [LoggerMessage(401, LogLevel.Debug, "Raised to epoch {Epoch} by {Source}: {Scope}")]
    internal static partial void Raised(this ILogger logger, long epoch, string source, string scope);

    [LoggerMessage(402, LogLevel.Warning, "An invalidation by {Source} was applied here alone, until Redis takes it ({Error}); {Untold} more since it was last said")]
    internal static partial void RaisedLocally(this ILogger logger, string source, string error, long untold);

    [LoggerMessage(403, LogLevel.Error, "A round of the invalidation bus failed unexpectedly")]
    internal static partial void SyncFailed(this ILogger logger, Exception exception);

    [LoggerMessage(404, LogLevel.Warning, "The invalidation stream has a hole before epoch {Newest}: everything older is dead on this node")]
    internal static partial void StreamGap(this ILogger logger, long newest);

    [LoggerMessage(405, LogLevel.Information, "Joined incarnation {Incarnation} at epoch {Epoch} with {Marks} marks")]
    internal static partial void Joined(this ILogger logger, long incarnation, long epoch, int marks);

    [LoggerMessage(406, LogLevel.Warning, "Redis evicts with {Policy}: it may drop the fence, and then everything stored is dead; use noeviction or volatile-*")]
    internal static partial void EvictionUnsafe(this ILogger logger, string policy);

    [LoggerMessage(407, LogLevel.Warning, "Not subscribed to the bus ({Error}): invalidations arrive with the next sync")]
    internal static partial void NotSubscribed(this ILogger logger, string error);

    [LoggerMessage(408, LogLevel.Warning, "An event was ignored: {Why}")]
    internal static partial void EventIgnored(this ILogger logger, string why);

    [LoggerMessage(409, LogLevel.Warning, "Events were lost before they were read ({Why}): everything is invalidated")]
    internal static partial void EventsLost(this ILogger logger, string why);

    [LoggerMessage(410, LogLevel.Debug, "A webhook was refused: {Why}")]
    internal static partial void WebhookRefused(this ILogger logger, string why);

    [LoggerMessage(411, LogLevel.Error, "What was made stale could not be raised")]
    internal static partial void NotRaised(this ILogger logger, Exception exception);

    [LoggerMessage(412, LogLevel.Warning, "Events are not read: Redis refuses to give the stream {Name} ({Error})")]
    internal static partial void EventsRefused(this ILogger logger, string name, string error);

    [LoggerMessage(413, LogLevel.Warning, "Not subscribed to {Name} ({Error}): events published there are not heard; those of the stream are read")]
    internal static partial void NotSubscribedToEvents(this ILogger logger, string name, string error);

    [LoggerMessage(414, LogLevel.Debug, "An invalidation by {Source} was not raised: its cause raised the same before")]
    internal static partial void Repeated(this ILogger logger, string source);

    [LoggerMessage(415, LogLevel.Warning, "Redis refuses a part of each invalidation ({Refused}): invalidations are taken, without the audit or the message to other gateways that it refuses")]
    internal static partial void RaisedInPart(this ILogger logger, string refused);

    [LoggerMessage(416, LogLevel.Warning, "What this node holds is dead, and it begins a life of its own until Redis is back: an invalidation made here without Redis had no place among the epochs of the others (there are {Most} between two of theirs)")]
    internal static partial void LeftTheFence(this ILogger logger, long most);

    [LoggerMessage(501, LogLevel.Warning, "Alert {Rule} {Policy}: {Title}. {Recommendation}")]
    internal static partial void AlertBegan(this ILogger logger, string rule, string policy, string title, string recommendation);

    [LoggerMessage(502, LogLevel.Information, "Alert {Rule} {Policy} ended")]
    internal static partial void AlertEnded(this ILogger logger, string rule, string policy);

    [LoggerMessage(503, LogLevel.Error, "What watches the traffic failed at the end of a slot")]
    internal static partial void SlotUnseen(this ILogger logger, Exception exception);

    [LoggerMessage(521, LogLevel.Error, "{Method} {Path} of the admin address failed; {Untold} more since it was last said")]
    public static partial void AdminFailed(this ILogger logger, Exception exception, string method, string path, long untold);

    [LoggerMessage(520, LogLevel.Error, "The dashboard's page {Page} could not be drawn")]
    internal static partial void PageFailed(this ILogger logger, Exception exception, string page);
}
