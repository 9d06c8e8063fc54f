namespace BackendApi.Events;

internal static partial class EventLog
{
    [LoggerMessage(1, LogLevel.Warning, "The event {Name} was not published: {Why}")]
    internal static partial void NotPublished(this ILogger logger, string name, string why);
}
