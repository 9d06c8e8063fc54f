using CacheGateway.Http;

namespace CacheGateway.Cli;

/// <summary>Header fields as they are given on the command line: "Name: value".</summary>
internal static class HeaderOption
{
    /// <summary>What is wrong and what would be right, or null when <paramref name="headers"/> holds them all.</summary>
    public static string? TryParse(IEnumerable<string>? lines, out IReadOnlyDictionary<string, string> headers)
    {
        var read = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        headers = read;
        foreach (var line in lines ?? [])
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0 || line.AsSpan(0, colon).IndexOfAnyExceptInRange('!', '~') >= 0 || line.AsSpan().ContainsAny('\r', '\n'))
            {
                return $"\"{line.ReplaceLineEndings(" ")}\" is no header field; write it like \"Accept-Language: de\"";
            }

            CombinedFields.Add(read, line[..colon], line[(colon + 1)..].Trim());
        }

        return null;
    }
}
