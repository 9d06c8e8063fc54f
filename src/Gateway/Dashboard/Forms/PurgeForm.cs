using CacheGateway.Diagnostics.Traffic;
using CacheGateway.Invalidation;
using CacheGateway.Model;

namespace CacheGateway.Dashboard.Forms;

/// <summary>What the purge form was filled with; pure, and judged by the same rules as the API's body.</summary>
/// <param name="Kind">One of <see cref="Kinds"/>.</param>
/// <param name="Name">The tag, URL, prefix or policy; not asked for when everything is meant.</param>
/// <param name="IsSoft">Validate before the next use instead of forgetting.</param>
/// <param name="Reason">For the audit.</param>
internal sealed record PurgeForm(string Kind, string Name, bool IsSoft, string Reason)
{
    public const string All = "all";

    public static readonly (string Name, string Title, string Hint)[] Kinds =
    [
        ("tag", "Tag", "A name that responses carry, such as product:7"),
        ("url", "URL", "One address with its query: /api/products?page=2"),
        ("prefix", "Prefix", "Every path that begins so: /api/products/"),
        ("policy", "Policy", "Everything that a policy stored"),
        (All, "Everything", "All entries of every node"),
    ];

    /// <param name="value">A value of the form or query by its name; null when it is not there.</param>
    public static PurgeForm Read(Func<string, string?> value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var kind = value("kind");
        return new PurgeForm(
            Array.Exists(Kinds, known => known.Name == kind) ? kind! : Kinds[0].Name, (value("name") ?? "").Trim(), value("soft") == "on", (value("reason") ?? "").Trim());
    }

    /// <summary>Whether there is anything to look up.</summary>
    public bool IsFilled => Kind == All || Name.Length > 0;

    public InvalidationScope Scope => new()
    {
        Tags = Kind == "tag" ? [Name] : [],
        Urls = Kind == "url" ? [Name] : [],
        Prefixes = Kind == "prefix" ? [Name] : [],
        Policies = Kind == "policy" ? [Name] : [],
        All = Kind == All,
        Soft = IsSoft,
    };

    /// <summary>What is wrong with it; null = nothing.</summary>
    public string? Error => IsFilled ? ScopeRules.Error(Scope) : "Say what to purge.";

    /// <summary>For whoever looks later: as in the audit, what a URL holds is hidden.</summary>
    public string WordsForAll => (Kind is "url" or "prefix" ? this with { Name = RedactedKey.OfUrl(Name) } : this).Words;

    /// <summary>As it was typed, for who did.</summary>
    public string Words => Kind == All ? "everything" : $"{Array.Find(Kinds, kind => kind.Name == Kind).Title.ToLowerInvariant()} {Name}";
}
