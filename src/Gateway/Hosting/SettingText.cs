using System.Globalization;
using CacheGateway.Http;
using CacheGateway.Model;

namespace CacheGateway.Hosting;

/// <summary>
/// From the text of one setting to its value. Each throws <see cref="SettingsException"/> with one line that begins with the name of the setting, as whoever wrote it
/// knows it, and says what would be right.
/// </summary>
internal static class SettingText
{
    /// <summary>Longest time any setting takes.</summary>
    private static readonly TimeSpan LongestTime = TimeSpan.FromDays(365);

    /// <summary>Longest silence of an origin: what the server's timers can measure.</summary>
    private static readonly TimeSpan LongestSilence = TimeSpan.FromDays(1);

    /// <summary>"250ms", "30s", "5m", "1h", "1d", or a number of seconds.</summary>
    public static TimeSpan Time(string name, string text)
    {
        var number = text.TrimEnd('a', 'b', 'c', 'd', 'h', 'm', 's');
        double? unit = text[number.Length..] switch { "ms" => 0.001, "s" or "" => 1, "m" => 60, "h" => 3600, "d" => 86400, _ => null };
        return unit is not null && double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)
            && value > 0 && value * unit.Value <= LongestTime.TotalSeconds
            ? TimeSpan.FromSeconds(value * unit.Value)
            : throw new SettingsException($"{name}: \"{text}\" is not a time; write it like 300 (seconds), 250ms, 30s, 5m or 1h: more than 0, at most 365d");
    }

    /// <summary>As <see cref="Silence"/>, and "0", "0s", "0ms": no time at all, where that means something.</summary>
    public static TimeSpan SilenceOrNone(string name, string text) => text.TrimEnd('a', 'b', 'c', 'd', 'h', 'm', 's') is "0" or "0.0" ? TimeSpan.Zero : Silence(name, text);

    /// <summary>"1048576", "64KB", "256MB", "2GB": powers of 1024.</summary>
    public static long Size(string name, string text)
    {
        var upper = text.ToUpperInvariant().Replace("IB", "B", StringComparison.Ordinal);
        var number = upper.TrimEnd('K', 'M', 'G', 'B');
        long? unit = upper[number.Length..] switch { "" or "B" => 1, "K" or "KB" => 1L << 10, "M" or "MB" => 1L << 20, "G" or "GB" => 1L << 30, _ => null };
        return unit is not null && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value > 0 && value <= long.MaxValue / unit
            ? value * unit.Value
            : throw new SettingsException($"{name}: \"{text}\" is not a size; write it like 64MB or 2GB");
    }

    /// <summary>Of the head of a request: from 1 KB, in which one can still be asked, to 1 MB.</summary>
    public static int HeadSize(string name, string text) => Size(name, text) is var size and >= 1 << 10 and <= 1 << 20
        ? (int)size
        : throw new SettingsException($"{name}: \"{text}\" is out of range; it is from 1KB to 1MB");

    /// <summary>A time of up to a day.</summary>
    public static TimeSpan Silence(string name, string text) => Time(name, text) is var time && time <= LongestSilence
        ? time
        : throw new SettingsException($"{name}: \"{text}\" is too long; it is at most 1d");

    /// <summary>A time of a second or more, as in a policy: a gateway has word from Redis every half second, and below that would be blind between two.</summary>
    public static TimeSpan Blindness(string name, string text) => Time(name, text) is var time && time >= TimeSpan.FromSeconds(1)
        ? time
        : throw new SettingsException($"{name}: \"{text}\" is too short; it is at least 1s");

    /// <summary>A whole number of 1 or more.</summary>
    public static int Count(string name, string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0
            ? count
            : throw new SettingsException($"{name}: \"{text}\" is not a number of 1 or more");

    /// <summary>A whole number from 0 to 10,000.</summary>
    public static int PerSecond(string name, string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= 10_000
            ? number
            : throw new SettingsException($"{name}: \"{text}\" is not a number a second; it is a whole one from 0 (none) to 10000");

    /// <summary>From 0 up to, and without, 1.</summary>
    public static double Share(string name, string text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var share) && share is >= 0 and < 1
            ? share
            : throw new SettingsException($"{name}: \"{text}\" is not a share; write it like 0.5, or 0 for never");

    /// <summary>A path of a URL, without a query; as it is once decoded, and without dot segments.</summary>
    public static string UrlPath(string name, string text) =>
        text.Length > 1 && text[0] == '/' && !text.AsSpan().ContainsAnyExceptInRange('!', '~') && text.AsSpan().IndexOfAny('?', '#', '%') < 0 && !text.Split('/').Any(part => part is "." or "..")
            ? text
            : throw new SettingsException($"{name}: \"{text}\" is not a path; write it like /cache/webhook");

    /// <summary>A token that nobody guesses.</summary>
    public static string Token(string name, string text) =>
        text.Length >= Admin.AdminOptions.ShortestToken && text.AsSpan().IndexOfAnyExceptInRange('!', '~') < 0
            ? text
            : throw new SettingsException($"{name}: a token is at least {Admin.AdminOptions.ShortestToken} printable characters without spaces");

    /// <summary>A version with three numbers or four.</summary>
    public static Version Runtime(string name, string text) =>
        Version.TryParse(text, out var version) && version.Build >= 0
            ? version
            : throw new SettingsException($"{name}: \"{text}\" is not a version; write it like 10.0.13");

    /// <summary>Of a backend, without a slash at its end.</summary>
    public static string OriginUrl(string name, string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url is { Query: "", Fragment: "", UserInfo: "" }
            ? text.TrimEnd('/')
            : throw new SettingsException($"{name}: \"{text}\" is not a backend's URL; write it like http://127.0.0.1:8000");

    /// <summary>What no request can carry is served to nobody, and can be sent to no origin; nor is there a port of no digits, or that begins with 0.</summary>
    public static string Host(string name, string text) =>
        RequestTarget.NormaliseAuthority(text, "http") is not null && HostName.IsWritable(text) && !text.Contains('*', StringComparison.Ordinal)
            && (AuthorityText.PortStart(text) is var colon && (colon < 0 || text.AsSpan(colon + 1) is [>= '1' and <= '9', ..]))
            ? text
            : throw new SettingsException($"{name}: \"{text}\" is not the name of a host; write it like shop.example or shop.example:8080");

    /// <summary>Names of hosts, separated by commas.</summary>
    public static string[] Hosts(string name, string text) => Each(List(text, ',')!, host => Host(name, host));

    /// <summary>Names of header fields, separated by commas.</summary>
    public static string[] FieldNames(string name, string text) => Each(List(text, ',')!, field => Tokens.IsToken(field)
        ? field
        : throw new SettingsException($"{name}: \"{field}\" is not the name of a field; write it like CDN-Cache-Control"));

    /// <summary>By its name.</summary>
    public static CacheProfile Profile(string name, string text) => text.ToLowerInvariant() switch
    {
        "safe" => CacheProfile.Safe,
        "rfc9111" => CacheProfile.Rfc9111,
        _ => throw new SettingsException($"{name}: \"{text}\" is unknown; it is safe or rfc9111"),
    };

    /// <summary>It begins every name in a shared Redis, and rights are given by that beginning.</summary>
    public static string Deployment(string name, string text) =>
        text.Length <= 64 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')
            ? text
            : throw new SettingsException($"{name}: \"{text}\" must be up to 64 letters, digits, '-', '_' or '.'");

    /// <summary>true or false, or what stands for them.</summary>
    public static bool Flag(string name, string text) => text.ToLowerInvariant() switch
    {
        "true" or "1" or "yes" or "on" => true,
        "false" or "0" or "no" or "off" => false,
        _ => throw new SettingsException($"{name}: \"{text}\" is not true or false"),
    };

    /// <summary>Addresses to listen on: one or several, separated by semicolons.</summary>
    public static string[] Addresses(string name, string text) => List(text, ';') is { Length: > 0 } urls
        ? Each(urls, url => Listener.Address(name, url) is not null ? url : "")
        : throw new SettingsException($"{name}: there is no address in it; write it like http://127.0.0.1:8080");

    /// <summary>The value of each part; what is wrong with any of them is said together.</summary>
    public static T[] Each<TPart, T>(TPart[] parts, Func<TPart, T> read)
    {
        var errors = new SettingsErrors();
        var values = Array.ConvertAll(parts, part => errors.Try(() => read(part), default(T)!));
        errors.ThrowIfAny();
        return values;
    }

    /// <summary>The parts between <paramref name="separator"/>, without those that are empty; null = there is no text.</summary>
    public static string[]? List(string? text, char separator) =>
        text?.Split(separator, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    /// <summary>A file that is there.</summary>
    public static string ExistingFile(string name, string path) =>
        File.Exists(path) ? path : throw new SettingsException($"{name}: there is no file \"{path}\"");
}
