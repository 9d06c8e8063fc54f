namespace CacheGateway.Hosting;

/// <summary>Levels of the log in a configuration: of one that it does not know, the logging library throws in the middle of a start, or of a reload of which the rest is in force by then.</summary>
internal static class LoggingSection
{
    public static IEnumerable<string> Errors(IConfiguration configuration) => configuration.GetSection("Logging").AsEnumerable()
        .Where(pair => pair.Value is { Length: > 0 } && IsLevel(pair.Key) && !Enum.TryParse<LogLevel>(pair.Value, ignoreCase: true, out _))
        .Select(pair => $"{pair.Key}: \"{pair.Value}\" is no level of a log; write Trace, Debug, Information, Warning, Error, Critical or None");

    private static bool IsLevel(string path) => path.Contains(":LogLevel:", StringComparison.OrdinalIgnoreCase);
}
