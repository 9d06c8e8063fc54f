using System.Globalization;
using CacheGateway.Model;
using CacheGateway.Policies.Document;
using CacheGateway.Policies.Reading;
using CacheGateway.Policies.Rules;

namespace CacheGateway.Policies.Compiling;

/// <summary>Makes policies of sections whose members are right one by one; says what does not go together.</summary>
internal sealed class PolicyCompiler(PolicyErrors errors, CommonSection defaults, bool hasTokens)
{
    private readonly MatchCompiler _matches = new(errors);
    private readonly KeyCompiler _keys = new(errors, hasTokens);
    private readonly TagCompiler _tags = new(errors);
    private readonly WarmCompiler _warm = new(errors);

    /// <summary>One policy for each path, alike but for it.</summary>
    public IEnumerable<CachePolicy> Compile(string name, PolicySection section)
    {
        var at = Location.OfPolicy(name);
        var matches = _matches.Compile(section.Match, at.Member("match"));
        var holes = new BoundHoles([.. matches.Select(match => match.Path).OfType<PathTemplate>()]);
        var policy = new CachePolicy
        {
            Name = name,
            Description = section.Description,
            Enabled = section.Enabled ?? true,
            Version = section.Version ?? 1,
            Profile = (section.Profile ?? defaults.Profile) == "rfc9111" ? CacheProfile.Rfc9111 : CacheProfile.Safe,
            Ttl = Duration(section.Ttl ?? defaults.Ttl),
            Origin = Origin(section, at),
            Heuristics = section.Heuristics ?? defaults.Heuristics ?? (section.Profile ?? defaults.Profile) == "rfc9111",
            CloseDelimited = section.CloseDelimited ?? defaults.CloseDelimited ?? (section.Profile ?? defaults.Profile) == "rfc9111",
            StaleWhileRevalidate = Duration(section.StaleWhileRevalidate ?? defaults.StaleWhileRevalidate) ?? TimeSpan.Zero,
            StaleIfError = Duration(section.StaleIfError ?? defaults.StaleIfError) ?? TimeSpan.Zero,
            Jitter = section.Jitter ?? defaults.Jitter ?? 0,
            StatusTtl = Statuses(section.Statuses, at.Member("statuses")),
            RefreshAhead = section.RefreshAhead ?? defaults.RefreshAhead ?? new CachePolicy { Name = name }.RefreshAhead,
            Warm = _warm.Compile(section.Warm, matches, at.Member("warm")),
            Key = _keys.Compile(section.Key ?? new KeySection(), at.Member("key")),
            Tags = _tags.Compile(section.Tags, holes, readsBody: true, at.Member("tags")),
            Invalidates = _tags.Compile(section.Invalidates, holes, readsBody: false, at.Member("invalidates")),
            InvalidateBefore = section.InvalidateBefore ?? false,
            InvalidateOnAll = section.InvalidateWait == "all",
            MaxBlind = Duration(section.MaxBlind),
            ClientCacheControl = section.Client?.CacheControl is { } text ? CacheControlText.TryParse(text, out _) : null,
            GenerateETag = section.Client?.Etag == "generate",
            ClientReload = Enum.Parse<ClientReload>(section.Client?.Reload ?? nameof(ClientReload.Profile), ignoreCase: true),
            Compress = section.Compress ?? false,
            StripSetCookie = section.SetCookie == "strip",
            Vary = Vary(section.Vary, at.Member("vary")),
            IgnoredDirectives = Ignored(section.IgnoreDirectives ?? []),
            ForwardTags = section.ForwardTags ?? false,
            ForwardOnly = section.ForwardOnly ?? false,
            DropRequestHeaders = Dropped(section, at.Member("dropRequestHeaders")),
        };
        policy = WithLimits(policy, section);
        var hash = policy.Key.Hash + KeyHash.OfSharing(policy);
        return matches.Select(match => policy with { Match = match, Key = policy.Key with { Hash = hash + KeyHash.OfConditions(match) + KeyHash.OfTags(policy.Tags, match.Path) } });
    }

    private CachePolicy WithLimits(CachePolicy policy, PolicySection section) => policy with
    {
        MaxBodyBytes = (section.MaxBody ?? defaults.MaxBody) is { } maxBody ? SizeText.Parse(maxBody) : policy.MaxBodyBytes,
        RangeFetchWhole = section.RangeFetchWhole is { } whole ? SizeText.Parse(whole) : policy.RangeFetchWhole,
        MaxVariants = section.MaxVariants ?? policy.MaxVariants,
        CollapseWait = Duration(section.CollapseWait ?? defaults.CollapseWait) ?? policy.CollapseWait,
        CollapseWaitUnknown = Duration(section.CollapseWaitUnknown ?? defaults.CollapseWaitUnknown) ?? policy.CollapseWaitUnknown,
        FirstByteTimeout = Duration(section.FirstByteTimeout ?? defaults.FirstByteTimeout),
        BetweenBytesTimeout = Duration(section.BetweenBytesTimeout ?? defaults.BetweenBytesTimeout),
    };

    private OriginFreshness Origin(PolicySection section, Location at)
    {
        var origin = Enum.Parse<OriginFreshness>(section.Origin ?? defaults.Origin ?? nameof(OriginFreshness.Fallback), ignoreCase: true);
        if (origin == OriginFreshness.Override && section.Ttl is null && defaults.Ttl is null)
        {
            errors.Add(at.Member("origin"), "\"override\" needs a \"ttl\" to put in place of the origin's lifetime");
        }

        return origin;
    }

    private Dictionary<int, TimeSpan> Statuses(IReadOnlyDictionary<string, string>? written, Location at)
    {
        var statuses = new Dictionary<int, TimeSpan>();
        foreach (var (text, ttl) in written ?? new Dictionary<string, string>())
        {
            // 206 and 304 are parts and confirmations of a stored response, not responses of their own.
            if (text.Length == 3
                && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var status)
                && status is >= 200 and <= 599 and not (206 or 304))
            {
                statuses[status] = DurationText.Parse(ttl);
            }
            else
            {
                errors.Add(at.Member(text), "must be a status from 200 to 599, not 206 or 304");
            }
        }

        return statuses;
    }

    private static OriginDirectives Ignored(IReadOnlyList<string> names) => names.Aggregate(OriginDirectives.None, static (all, name) => all | name switch
    {
        "no-store" => OriginDirectives.NoStore,
        "no-cache" => OriginDirectives.NoCache,
        "private" => OriginDirectives.Private,
        _ => OriginDirectives.None,
    });

    private Dictionary<string, VaryAction> Vary(IReadOnlyDictionary<string, string>? written, Location at)
    {
        var actions = new Dictionary<string, VaryAction>(StringComparer.OrdinalIgnoreCase);
        foreach (var (header, action) in written ?? new Dictionary<string, string>())
        {
            if (HeaderNames.IsOnce(header, actions.ContainsKey(header), at.Member(header), errors))
            {
                actions[header] = Enum.Parse<VaryAction>(action, ignoreCase: true);
            }
        }

        return actions;
    }

    private IReadOnlyList<string> Dropped(PolicySection section, Location at)
    {
        var dropped = section.DropRequestHeaders ?? [];
        foreach (var (index, header) in dropped.Index())
        {
            if (section.Key?.Headers?.Contains(header, StringComparer.OrdinalIgnoreCase) == true)
            {
                errors.AddValue(at.Item(index), header, "is keyed, so the origin must see it");
            }
        }

        return dropped;
    }

    private static TimeSpan? Duration(string? text) => text is null ? null : DurationText.Parse(text);
}
