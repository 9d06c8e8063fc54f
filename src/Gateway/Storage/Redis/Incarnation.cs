using System.Globalization;

namespace CacheGateway.Storage.Redis;

/// <summary>
/// Which life of the epoch fence this node has applied. Epochs of another life mean nothing: what was stored under one is dead.
/// </summary>
/// <param name="Current">Its name, as heads carry it.</param>
internal sealed record Incarnation(Func<string> Current)
{
    /// <summary>Whether what another node stored under an epoch of this life can be compared with what was raised here.</summary>
    public Func<long, bool> Admits { get; init; } = _ => true;

    /// <summary>The one that a fence has applied.</summary>
    public static Incarnation Of(TagEpochs epochs) => new(() => Text(epochs.Now.Incarnation)) { Admits = epochs.Admits };

    /// <summary>As it is written into heads.</summary>
    public static string Text(long incarnation) => incarnation.ToString(CultureInfo.InvariantCulture);

    /// <summary>0, which no fence has, for what is no incarnation.</summary>
    public static long Number(string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
