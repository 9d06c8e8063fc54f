using System.Globalization;
using CacheGateway.Operations.Alerts;

namespace CacheGateway.Hosting;

/// <summary>Section <c>Alerts</c>: what is not given stays as it is by default.</summary>
internal static class AlertSettingsReader
{
    /// <param name="get">Name to value; null = not given.</param>
    /// <exception cref="SettingsException">A value cannot work.</exception>
    public static AlertSettings Read(Func<string, string?> get)
    {
        var usual = new AlertSettings();
        return new AlertSettings
        {
            Window = get("Window") is { } window ? AtLeast("Window", SettingsReader.Time("Alerts:Window", window), TimeSpan.FromSeconds(5)) : usual.Window,
            MinRequests = (int)Number(get, "MinRequests", usual.MinRequests, 1, 1_000_000),
            Looks = (int)Number(get, "Looks", usual.Looks, 1, 100),
            HitRatio = Number(get, "HitRatio", usual.HitRatio, 0, 1),
            CachedP99 = get("CachedP99") is { } latency ? OffOrTime("Alerts:CachedP99", latency) : usual.CachedP99,
            ImprovementPercent = Number(get, "ImprovementPercent", usual.ImprovementPercent, 0, 100),
            BusLag = get("BusLag") is { } lag ? OffOrTime("Alerts:BusLag", lag) : usual.BusLag,
            Memory = Number(get, "Memory", usual.Memory, 0, 1),
            Errors = Number(get, "Errors", usual.Errors, 0, 1),
            InvalidationsPerMinute = (int)Number(get, "InvalidationsPerMinute", usual.InvalidationsPerMinute, 0, 1_000_000),
            OriginDown = Number(get, "OriginDown", usual.OriginDown, 0, 1),
            NoPolicy = Number(get, "NoPolicy", usual.NoPolicy, 0, 1),
        };
    }

    /// <summary>0, with a unit or without, switches the rule off.</summary>
    private static TimeSpan OffOrTime(string name, string text) =>
        text.TrimStart('0') is "" or "ms" or "s" or "m" or "h" or "d" && text is ['0', ..] ? TimeSpan.Zero : SettingsReader.Time(name, text);

    private static TimeSpan AtLeast(string name, TimeSpan time, TimeSpan least) =>
        time >= least ? time : throw new SettingsException($"Alerts:{name}: it is at least {least.TotalSeconds:0} s");

    private static double Number(Func<string, string?> get, string name, double otherwise, double least, double most) =>
        get(name) is not { } text ? otherwise
        : double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most ? number
        : throw new SettingsException(string.Create(CultureInfo.InvariantCulture, $"Alerts:{name}: \"{text}\" must be a number from {least} to {most}"));
}
