using System.Globalization;
using CacheGateway.Operations.Alerts;

namespace CacheGateway.Hosting;

/// <summary>Section <c>Alerts</c>: what is not given stays as it is by default.</summary>
internal static class AlertSettingsReader
{
    /// <param name="get">Name to value; null = not given.</param>
    /// <param name="nameOf">Name to what it is called where it stands; null = by its key.</param>
    /// <exception cref="SettingsException">Values that cannot work, all of them.</exception>
    public static AlertSettings Read(Func<string, string?> get, Func<string, string>? nameOf = null)
    {
        var usual = new AlertSettings();
        var errors = new SettingsErrors();
        T Value<T>(string key, Func<string, string, T> read, T otherwise) =>
            get(key) is { } text ? errors.Try(() => read(nameOf?.Invoke(key) ?? $"Alerts:{key}", text), otherwise) : otherwise;
        double Number(string key, double otherwise, double least, double most) => Value(key, (name, text) => Between(name, text, least, most), otherwise);
        var settings = new AlertSettings
        {
            Window = Value("Window", (name, text) => AtLeast(name, SettingText.Time(name, text), TimeSpan.FromSeconds(5)), usual.Window),
            MinRequests = (int)Number("MinRequests", usual.MinRequests, 1, 1_000_000),
            Looks = (int)Number("Looks", usual.Looks, 1, 100),
            HitRatio = Number("HitRatio", usual.HitRatio, 0, 1),
            CachedP99 = Value("CachedP99", OffOrTime, usual.CachedP99),
            ImprovementPercent = Number("ImprovementPercent", usual.ImprovementPercent, 0, 100),
            BusLag = Value("BusLag", OffOrTime, usual.BusLag),
            Memory = Number("Memory", usual.Memory, 0, 1),
            Errors = Number("Errors", usual.Errors, 0, 1),
            InvalidationsPerMinute = (int)Number("InvalidationsPerMinute", usual.InvalidationsPerMinute, 0, 1_000_000),
            OriginDown = Number("OriginDown", usual.OriginDown, 0, 1),
            NoPolicy = Number("NoPolicy", usual.NoPolicy, 0, 1),
        };
        errors.ThrowIfAny();
        return settings;
    }

    /// <summary>0, with a unit or without, switches the rule off.</summary>
    private static TimeSpan OffOrTime(string name, string text) =>
        text.TrimStart('0') is "" or "ms" or "s" or "m" or "h" or "d" && text is ['0', ..] ? TimeSpan.Zero : SettingText.Time(name, text);

    private static TimeSpan AtLeast(string name, TimeSpan time, TimeSpan least) =>
        time >= least ? time : throw new SettingsException($"{name}: it is at least {least.TotalSeconds:0} s");

    private static double Between(string name, string text, double least, double most) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most ? number
        : throw new SettingsException(string.Create(CultureInfo.InvariantCulture, $"{name}: \"{text}\" must be a number from {least} to {most}"));
}
