using System.Globalization;

namespace CacheGateway.Storage.Redis;

/// <summary>
/// Which life of the epoch fence this node has applied. Epochs of another life mean nothing: what was stored under one is dead.
/// </summary>
internal sealed record Incarnation(Func<string> Current)
{
    /// <summary>As it is written into heads.</summary>
    public static string Text(long incarnation) => incarnation.ToString(CultureInfo.InvariantCulture);

    /// <summary>0, which no fence has, for what is no incarnation.</summary>
    public static long Number(string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
