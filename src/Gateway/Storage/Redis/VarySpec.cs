using CacheGateway.Http;
using CacheGateway.Model;

namespace CacheGateway.Storage.Redis;

/// <summary>
/// Which request fields select among the variants of a key, as the field <c>v</c> holds it. Drawn:
/// <code>
/// accept-encoding,x-tongue LF accept-encoding LF ...
/// </code>
/// One line for each set of names that a stored response had, the latest first, at most <see cref="MaxSpecs"/>; an empty line = none.
/// </summary>
internal static class VarySpec
{
    public const int MaxSpecs = 4;
    private const int MaxLength = 4096;
    private const int MaxNames = 32;

    /// <summary>What is tried first where nothing is known: most responses do not vary.</summary>
    public static readonly string[] Guess = [""];

    public static string Of(StoredResponse response) => string.Join(',', response.Vary.Select(vary => vary.Name.ToLowerInvariant()));

    /// <summary>Whether <see cref="Parse"/> takes it beside as many others as there may be.</summary>
    public static bool Fits(StoredResponse response) => response.Vary.Length <= MaxNames && Of(response).Length < MaxLength / MaxSpecs;

    /// <summary>The lines, or null when they are none that a gateway wrote.</summary>
    public static string[]? Parse(string? text)
    {
        if (text == "")
        {
            return Guess;
        }

        if (text is null || text.Length > MaxLength)
        {
            return null;
        }

        var lines = text.Split('\n');
        return lines.Length <= MaxSpecs && Array.TrueForAll(lines, line => Array.TrueForAll(Names(line), name => Tokens.IsToken(name)) && Names(line).Length <= MaxNames)
            ? lines
            : null;
    }

    public static string[] Names(string spec) => spec.Length == 0 ? [] : spec.Split(',');
}
