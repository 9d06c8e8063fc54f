namespace CacheGateway.Http;

/// <summary>Choice of a content coding (RFC 9110 12.5.3).</summary>
public static class ContentCoding
{
    public const string Identity = "identity";

    /// <summary>
    /// The best of <paramref name="available"/> (in the order in which the server likes them) and identity for a client, or null when it refuses
    /// all of them. A client that sends no Accept-Encoding, or one that does not parse, gets identity: it did not ask for anything else.
    /// </summary>
    public static string? Choose(string? acceptEncoding, ReadOnlySpan<string> available)
    {
        if (acceptEncoding is null || !Parses(acceptEncoding))
        {
            return Identity;
        }

        string? best = null;
        var bestWeight = 0;
        foreach (var coding in available)
        {
            var weight = WeightOf(acceptEncoding, coding) ?? WeightOf(acceptEncoding, "*") ?? 0;
            if (weight > bestWeight)
            {
                (best, bestWeight) = (coding, weight);
            }
        }

        // Identity is acceptable unless refused by name or, unnamed, by "*;q=0"; unnamed it is the last choice.
        var identity = WeightOf(acceptEncoding, Identity);
        if (best is not null && bestWeight >= (identity ?? 0))
        {
            return best;
        }

        return (identity ?? WeightOf(acceptEncoding, "*")) == 0 ? null : Identity;
    }

    private static bool Parses(string acceptEncoding)
    {
        var list = new WeightedList(acceptEncoding);
        while (list.Read())
        {
        }

        return !list.Failed;
    }

    /// <summary>The smallest weight given to the name, so that a refusal wins; null when it is not named.</summary>
    private static int? WeightOf(string acceptEncoding, string name)
    {
        int? weight = null;
        var list = new WeightedList(acceptEncoding);
        while (list.Read())
        {
            if (list.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                weight = Math.Min(weight ?? WeightedList.Full, list.Weight);
            }
        }

        return weight;
    }
}
