namespace CacheGateway.Hosting;

/// <summary>
/// Where a setting stands, the strongest first: the command line, the variable CACHEGATEWAY__KEY, the plain variable that other programs know it by
/// (CACHE_ENABLED, REDIS_URL), the configuration file. A variable that is empty is one that is not set.
/// </summary>
internal sealed class SettingSources(IReadOnlyDictionary<string, string> commandLine, IConfiguration environment, IConfiguration file)
{
    private static readonly string[] RedisNames = ["Redis", "RedisUrl", "RedisHost"];

    /// <summary>The value in the strongest place that has one; null = nowhere.</summary>
    public string? Get(string key, string? variable = null) => Place(key, variable).Value;

    /// <summary>The same with what it is called there: an option, a variable, or a key of the file.</summary>
    public (string Name, string Value)? Find(string key, string? variable = null) =>
        Place(key, variable).Value is { } value ? (NameOf(key, variable), value) : null;

    /// <summary>What a setting is called where it stands; where it stands nowhere, what it is best set by.</summary>
    public string NameOf(string key, string? variable = null) => Place(key, variable).Rank switch
    {
        1 => InEnvironment(key),
        2 => variable!,
        3 => InFile(key),
        _ => SettingKeys.NameOf(key),
    };

    /// <summary>
    /// The same for the settings of Redis, three of which name the server: the one in the strongest place does, so that REDIS_URL is not beaten by a server
    /// that only the file names.
    /// </summary>
    public string? GetRedis(string key, string? variable = null)
    {
        var (value, rank) = Place(key, variable);
        return RedisNames.Contains(key) && RedisNames.Any(name => Place(name, SettingKeys.VariableOf(name)).Rank < rank) ? null : value;
    }

    /// <summary>A list that may also stand as KEY:0, KEY:1 and so on, in the environment or in the file; each item with what it is called there.</summary>
    public (string Name, string Value)[] Items(string key, char separator)
    {
        (string, string)[] In(IConfiguration source, Func<string, string> nameOf) => source.GetSection(Path(key)).GetChildren().ToArray() is { Length: > 0 } items
            ? Array.ConvertAll(items, item => (nameOf($"{key}:{item.Key}"), item.Value ?? ""))
            : Array.ConvertAll(SettingText.List(NotEmpty(source[Path(key)]), separator) ?? [], value => (nameOf(key), value));
        return In(environment, InEnvironment) is { Length: > 0 } items ? items : In(file, InFile);
    }

    private static string InEnvironment(string key) => SettingKeys.Prefix + key.ToUpperInvariant().Replace(":", "__", StringComparison.Ordinal);

    private string InFile(string key) => $"--config: {Get("Config")}: {Path(key)}";

    private static string Path(string key) => $"{SettingKeys.Section}:{key}";

    private static string? NotEmpty(string? value) => string.IsNullOrWhiteSpace(value) ? null : value.Trim();

    private (string? Value, int Rank) Place(string key, string? variable)
    {
        if (commandLine.TryGetValue(key, out var given))
        {
            return (NotEmpty(given), 0);
        }

        string?[] others = [environment[Path(key)], variable is null ? null : environment[variable], file[Path(key)]];
        var found = Array.FindIndex(others, value => NotEmpty(value) is not null);
        return found < 0 ? (null, int.MaxValue) : (NotEmpty(others[found]), found + 1);
    }
}
