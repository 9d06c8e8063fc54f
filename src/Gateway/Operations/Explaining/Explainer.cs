using System.Globalization;
using System.Text.Json;
using CacheGateway.Diagnostics.Traffic;
using CacheGateway.Http;
using CacheGateway.Model;
using CacheGateway.Pipeline;
using CacheGateway.Policies;
using CacheGateway.Storage;
using CacheGateway.Warming;

namespace CacheGateway.Operations.Explaining;

/// <summary>
/// Walks a request that nobody sent through the functions that decide about requests, and tells what each said: the same functions, never a copy.
/// Sends nothing, stores nothing, and makes nothing popular.
/// </summary>
internal sealed class Explainer(
    RequestKeying keying, TieredStore store, MemoryTier memory, TagEpochs epochs, UncacheableMemory uncacheable, RefusedResponses refused, TargetedFields targeted, IPolicySource policies, DefaultPolicy defaults,
    PublicRoutes routes, ServedAuthorities authorities, ServedHosts hosts, PolicyLines lines, TimeProvider time)
{
    private const string Old = "Clients may see data up to ttl old, unless invalidation says that it changed.";
    private const string Ends = "With a policy file only the paths it names are cached: name the others too.";

    /// <summary>The answer, or null and an error where the question is none.</summary>
    public async Task<(ExplainAnswer? Answer, string? Error)> ExplainAsync(ExplainQuestion question)
    {
        var request = TrialRequest.TryParse(question.Method, Absolute(question), question.Headers, out var error);
        return request is null ? (null, error) : (await ExplainAsync(request, question.Response), null);
    }

    /// <summary>A path alone is asked for as clients of the first public address do.</summary>
    private string Absolute(ExplainQuestion question)
    {
        var host = question.Headers?.FirstOrDefault(header => header.Key.Equals("Host", StringComparison.OrdinalIgnoreCase)).Value;
        return question.Url is ['/', ..] ? $"{authorities.DefaultScheme}://{host ?? authorities.DefaultAuthority}{question.Url}" : question.Url ?? "";
    }

    private async Task<ExplainAnswer> ExplainAsync(TrialRequest request, ExplainResponse? given)
    {
        var context = request.ToContext();
        var steps = new List<ExplainStep>();
        var url = RedactedKey.Of("", new ResourceId(request.Scheme, request.Authority, request.Target, "", false)).Url;
        if (RequestGuard.IsRefused(request.Method))
        {
            return Refused(request, url, Refusal.OfMethod(request.Method));
        }

        if (!hosts.Serve(request.Authority))
        {
            return Refused(request, url, Refusal.OfHost(request.Authority));
        }

        if (!await routes.TryFindAsync(context))
        {
            return Refused(request, url, Refusal.NoRoute);
        }

        if (RoutePath.LeadsAstray(context))
        {
            return Refused(request, url, Refusal.Path);
        }

        if (request.Method is not ("GET" or "HEAD"))
        {
            var isRefused = RequestDecision.FailsWithoutKey(keying.IsOff ? Reason.CacheOff : Reason.MethodNotCacheable, context.Request);
            var unsafeReason = isRefused ? Reason.OnlyIfCached : UnsafeMethods.IsSafe(request.Method) ? Reason.MethodNotCacheable : Reason.MethodUnsafe;
            if (unsafeReason == Reason.MethodUnsafe && WriteScope.Of(policies.Current, request).IsTooMuch)
            {
                return Refused(request, url, Refusal.Write);
            }

            steps.Add(new("method", isRefused ? "none" : "pass", $"{request.Method} is never answered from the cache"));
            if (isRefused)
            {
                steps.Add(Failing(unsafeReason));
            }

            return Answer(request, url, isRefused ? "fail" : "pass", unsafeReason, steps, null, null, [], null, new Proposal(null, ReasonFacts.Of(unsafeReason).Meaning), []);
        }

        var route = context.GetReverseProxyFeature();
        steps.Add(new("route", route.Route.Config.RouteId, $"to cluster {route.Cluster.Config.ClusterId}"));
        var keyed = keying.Of(context);
        steps.Add(
            keyed.Policy is { } taken ? new("policy", taken.Name, Where(taken))
            : defaults.SwitchedOffBy(policies.Current) is { } off ? new("policy", "off", $"caching is switched off as a whole by {off}: nothing is kept or served by any policy")
            : new("policy", "none", "no policy's match takes it"));
        if (keyed.Key is not { } key)
        {
            var pass = keyed.Pass!.Value;
            steps.Add(new("key", "none", ReasonFacts.Of(pass).Meaning));
            var isFailed = RequestDecision.FailsWithoutKey(pass, context.Request);
            var reason = isFailed ? Reason.OnlyIfCached : pass;
            if (isFailed)
            {
                steps.Add(Failing(reason));
            }

            // A new policy must do for an answer that says nothing, as long as nobody knows what it says.
            var response = given is not null ? Facts(given.Status, Fields(given)) : pass == Reason.NoPolicy ? Facts(StatusCodes.Status200OK, []) : null;
            var search = Search(context, response, isOutgrown: false, Instant.Now(time));
            return Answer(request, url, isFailed ? "fail" : "pass", reason, steps, keyed.Policy, null, [], null, Propose(keyed.Policy, reason, request, search), []);
        }

        return await KeyedAsync(request, url, keyed.Policy!, key, context, given, steps, keyed.NotAfter);
    }

    private static ExplainStep Failing(Reason reason) => new("decide", "fail", $"{reason.Text()}: {ReasonFacts.Of(reason).Meaning}");

    private static ExplainAnswer Refused(TrialRequest request, string url, Refusal refusal) =>
        new(request.Method, url, "fail", refusal.Name, refusal.Meaning, refusal.Source, [refusal.Step], null, null, [], null, null, refusal.Remedy, []);

    private async Task<ExplainAnswer> KeyedAsync(
        TrialRequest request, string url, CachePolicy policy, CacheKey key, HttpContext context, ExplainResponse? given, List<ExplainStep> steps, DateTimeOffset? notAfter)
    {
        var facts = RequestReader.Read(context.Request);
        steps.Add(new("key", RedactedKey.IdOf(key.Text), $"{url}{(policy.Key.Headers.Count > 0 ? ", keyed by " + string.Join(", ", policy.Key.Headers) : "")}"));

        // look up
        var headers = new RequestHeaderSource(context.Request.Headers);
        var set = store.Peek(key.Text);
        var (selected, liveness) = Select(set, headers, policy, facts);
        var places = Plural(set?.Responses.Length ?? 0, "variant") + " in this node's memory";
        var isRemembered = uncacheable.IsRemembered(key, policy, Instant.MonotonicNow(time));
        if (store.IsShared && RequestDecision.AsksShared(liveness == Liveness.Dead ? null : selected, set is null && isRemembered, facts, liveness, Instant.MonotonicNow(time)))
        {
            var own = set?.Responses.ToArray() ?? [];
            set = await store.PeekSharedAsync(key, headers, policy);
            (selected, liveness) = Select(set, headers, policy, facts);
            places += $", {Plural((set?.Responses.ToArray() ?? []).Except(own).Count(), "variant")} from Redis";
        }

        var now = Instant.Now(time);
        var stored = liveness == Liveness.Dead ? null : selected;
        steps.Add(new("look up", selected is null ? set is null ? "nothing stored" : "no variant matches" : liveness == Liveness.Dead ? "invalidated" : "found", places));

        // decide
        var decision = RequestDecision.For(stored, set is not null, isRemembered, facts, policy, liveness, epochs.IsTrusted(now.Monotonic, policy.MaxBlind), now.Monotonic);
        var reason = decision.Reason;
        var outcome = Word(decision.Action);
        steps.Add(new("decide", outcome, $"{reason.Text()}: {ReasonFacts.Of(reason).Meaning}"));

        // what the origin answers
        var isUnknown = given is null && stored is null;
        // Where a key passes for what its whole route was answered lately, that is why.
        var elsewhere = isUnknown ? refused.FindElsewhere(key.Text, policy.Name) : null;
        var refusal = isUnknown ? refused.Find(key.Text) ?? (isRemembered ? elsewhere : null) : null;
        var response = given is not null ? Facts(given.Status, Fields(given)) : refusal is not null ? Facts(refusal.Status, refusal.Headers, refusal.IsCloseDelimited) : null;
        var from = new FillContext(key, policy, default, null, facts, context.Request.Headers, notAfter);
        var isOutgrown = refusal?.IsOutgrown == true;
        var judged = response is null ? null : Judge(given is not null ? "given" : $"last-refused, {Ago(refusal!, now)}, for {(refusal!.Key == key.Text ? "this key" : "another key of the policy")}", response, from, Room(isOutgrown), now);
        if (judged is not null)
        {
            steps.Add(new("store", judged.Stores ? "storable" : "refused", judged.Why is { } why ? $"{why.Text()}: {ReasonFacts.Of(why).Meaning}" : $"fresh for {judged.LifetimeSeconds:0.#} s{Unread(policy)}"));
        }
        else if (elsewhere is { } other)
        {
            // Told, for it may be alike, and not judged by: nobody knows what the origin would answer here.
            steps.Add(new("elsewhere", other.Reason.Text(), $"the last answer to another key of the policy that was not stored, {Ago(other, now)}, had status {other.Status}: {ReasonFacts.Of(other.Reason).Meaning}"));
        }

        var search = Search(context, response, isOutgrown, now);
        var isServed = outcome is "hit" or "stale";
        var obstacle = isServed ? null : search.Obstacle(policy);
        var spread = isServed ? [] : KeySpreads.Of(memory, key);
        var proposal = obstacle is { } hindered ? Propose(policy, hindered, request, search) : Narrow(policy, spread, search);
        return Answer(
            request, url, outcome, obstacle ?? reason, steps, policy, new ExplainKey(RedactedKey.IdOf(key.Text), Parts(key, url)),
            [.. (set?.Responses.ToArray() ?? []).Select(one => Stored(one, ReferenceEquals(one, selected), now.Monotonic))], judged, proposal, spread);
    }

    private ExplainAnswer Answer(
        TrialRequest request, string url, string outcome, Reason reason, IReadOnlyList<ExplainStep> steps, CachePolicy? policy, ExplainKey? key,
        IReadOnlyList<ExplainStored> stored, ExplainJudged? judged, Proposal proposal, IReadOnlyList<KeySpread> spread)
    {
        var facts = ReasonFacts.Of(reason);
        var place = policy is null ? null : new ExplainPolicy(policy.Name, policy.Match.Path?.Text ?? "*", policy.Transparent ? null : lines.File, policy.Transparent ? null : lines.LineOf(policy.Name));
        return new ExplainAnswer(request.Method, url, outcome, reason.Text(), facts.Meaning, facts.Source, steps, place, key, stored, judged, proposal.Change, proposal.MustNot, spread);
    }

    /// <summary>The smallest change that takes an obstacle away, or why none does.</summary>
    private Proposal Propose(CachePolicy? policy, Reason obstacle, TrialRequest request, ChangeSearch search)
    {
        if (obstacle == Reason.NoPolicy)
        {
            return New(request, search);
        }

        if (policy is null || search.Find(policy) is not { } levers)
        {
            return obstacle == Reason.Credentials && policy is { Key.Claim: { } claim }
                ? new Proposal(null, $"The policy keys by the claim {claim}, and the request has no token that holds it, verifies and is in force.")
                : obstacle == Reason.ResponseStatus && search.Status is { } status && PolicyLever.SpeaksOfWhoAsked(status)
                ? new Proposal(null, $"Status {status} speaks of who asked, how or when, and not of the resource: stored, it would be everybody's answer.")
                : Nothing(obstacle);
        }

        if (policy.Transparent)
        {
            // It has no file to be changed in: a policy of its own says it.
            return New(request, search);
        }

        return Changed(policy, levers);
    }

    private Proposal Changed(CachePolicy policy, IReadOnlyList<PolicyLever> levers)
    {
        var changed = levers.ToDictionary(lever => lever.Member, lever => lever.Json);
        return new Proposal(
            new PolicyChange(
                policy.Name, changed, PolicySnippet.Of(changed), lines.LineOf(policy.Name, levers[0].Member),
                string.Join(" ", levers.Select(lever => lever.Why)), string.Join(" ", levers.Select(lever => lever.Caution))),
            null);
    }

    private static Proposal Nothing(Reason obstacle) => new(null, $"{ReasonFacts.Of(obstacle).Meaning} {ReasonFacts.Of(obstacle).Advice}");

    /// <summary>A policy for a path that none takes, under the file's defaults.</summary>
    private Proposal New(TrialRequest request, ChangeSearch search)
    {
        var path = TargetParts.Path(request.Target).ToString();
        if (PathTemplate.TryParse(path, out _) is not { } template || !template.IsMatch(path))
        {
            return Nothing(Reason.NoPolicy);
        }

        var added = policies.Current.Plain with { Match = PolicyMatch.Everything with { Path = template } };
        if (Behind(added, path, request) is var (behind, condition))
        {
            return new Proposal(
                null, $"Policy \"{behind.Name}\" takes {behind.Match.Path?.Text ?? "every path"}, but {condition}. A policy for this path alone would take from it what meets that, too: change it, or write one for what differs.");
        }

        var beside = search.Beside(added);
        var obstacle = beside.Obstacle(added);
        if ((obstacle is null ? [] : beside.Find(added)) is not { } levers)
        {
            return Nothing(obstacle!.Value);
        }

        var members = new Dictionary<string, string> { ["match"] = $"{{ \"path\": {JsonSerializer.Serialize(path)} }}", ["ttl"] = "\"60s\"" };
        foreach (var lever in levers)
        {
            members[lever.Member] = lever.Json;
        }

        var near = Policies.Rules.Suggestion.For(path, policies.Current.Policies.Select(policy => policy.Match.Path?.Text ?? ""));
        return new Proposal(
            new PolicyChange(
                "new", members, PolicySnippet.Of(members), null, $"A policy of its own takes the path{near}",
                string.Join(" ", (string[])[Old, .. levers.Select(lever => lever.Caution), .. defaults.Policy is null ? (string[])[] : [Ends]])),
            null);
    }

    /// <summary>The policy that takes other requests for the path, which the added one would take from it with its tags and its key, and the condition that this request does not meet.</summary>
    private (CachePolicy Policy, string Condition)? Behind(CachePolicy added, string path, TrialRequest request)
    {
        var behind = policies.Current.Policies.FirstOrDefault(
            policy => policy.Match.Path?.IsMatch(path) != false && PolicyConditions.TakesMethod(policy.Match, "GET") && PolicyIndex.BySpecificity.Compare(added, policy) < 0);
        var headers = new RequestHeaderSource(request.ToContext().Request.Headers);
        return behind is not null && PolicyConditions.Unmet(behind.Match, "GET", request.Authority, TargetParts.Query(request.Target), headers) is { } condition ? (behind, condition) : null;
    }

    /// <summary>It is cacheable and still missed: because too much is keyed, perhaps.</summary>
    private Proposal Narrow(CachePolicy policy, IReadOnlyList<KeySpread> spread, ChangeSearch search) =>
        !policy.Transparent && KeySpreads.Remedy(spread, policy) is { } remedy && search.Obstacle(remedy.Apply(policy)) is null ? Changed(policy, [remedy]) : new Proposal(null, null);

    private static ExplainJudged Judge(string source, ResponseFacts response, FillContext from, BodyRoom room, Instant now)
    {
        var freshness = ResponseAdmission.Capped(FreshnessRules.Compute(response, from.Policy, now, now, 0), from, now);
        var refusal = ChangeSearch.Refusal(from, response, freshness, room, now);
        return new ExplainJudged(
            source, response.Status, refusal is null, refusal, freshness.Lifetime / 1000.0,
            response.Headers.GroupBy(field => field.Name, StringComparer.OrdinalIgnoreCase).ToDictionary(field => field.Key, field => string.Join(", ", field.Select(line => line.Value))));
    }

    private ExplainStored Stored(StoredResponse stored, bool isSelected, long now)
    {
        var freshness = stored.Freshness;
        return new ExplainStored(
            isSelected, Entry.Of(stored, epochs.Check(stored), now),
            // It may have been stored for somebody else than who asks.
            stored.Vary.ToDictionary(vary => vary.Name, vary => vary.Value is { } value ? RedactedField.ValueOf(vary.Name, value) : "(absent)"),
            new FreshnessSum(
                freshness.Lifetime / 1000.0, freshness.Source.ToString(), freshness.InitialAge / 1000.0, Math.Max(0, now - freshness.ReceivedAt) / 1000.0, freshness.AgeAt(now) / 1000.0,
                freshness.RemainingAt(now) / 1000.0, freshness.StaleWhileRevalidate / 1000.0, freshness.StaleIfError / 1000.0));
    }

    /// <summary>The response that the request selects, and what invalidations left of it.</summary>
    private (StoredResponse? Selected, Liveness Liveness) Select(VariantSet? set, RequestHeaderSource headers, CachePolicy policy, in RequestFacts facts)
    {
        var liveness = Liveness.Alive;
        var selected = set is null ? null : LiveSelection.Select(epochs, set, headers, policy, facts.Range, out liveness);
        return (selected, liveness);
    }

    private ChangeSearch Search(HttpContext context, ResponseFacts? response, bool isOutgrown, Instant now) => new(keying, policies.Current, context, response, Room(isOutgrown), now);

    private BodyRoom Room(bool isOutgrown) => new(store.LargestBody, isOutgrown);

    private ResponseFacts Facts(int status, HeaderField[] fields, bool isCloseDelimited = false) => ResponseFacts.From(status, fields, targeted.Names, isCloseDelimited);

    private string Where(CachePolicy policy) =>
        policy.Transparent ? "the transparent cache takes every path"
        : $"{policy.Match.Path?.Text ?? "every path"}{(lines.LineOf(policy.Name) is { } line ? $", line {line}" : "")}{(policy.Enabled ? "" : ", switched off")}";

    private static HeaderField[] Fields(ExplainResponse response) => [.. (response.Headers ?? new Dictionary<string, string>()).Select(field => new HeaderField(field.Key, field.Value))];

    private static Dictionary<string, string> Parts(CacheKey key, string url)
    {
        var read = KeyParts.Of(key.Text)!;
        var parts = new Dictionary<string, string>(StringComparer.Ordinal) { ["policy"] = read.Policy, ["url"] = url };
        foreach (var (name, value) in read.Headers)
        {
            parts[$"header {name}"] = value ?? "(absent)";
        }

        parts["identity"] = read.Identity.Length == 0 ? "(nobody)" : read.Identity[..Math.Min(read.Identity.Length, 20)];
        return parts;
    }

    /// <summary>What is not known of an answer without its body.</summary>
    private static string Unread(CachePolicy policy) => TagExpansion.ReadsBody(policy) ? ", if the tags in its body can be read" : "";

    private static string Ago(RefusedResponse refusal, Instant now) => string.Create(CultureInfo.InvariantCulture, $"{(now.Wall - refusal.At).TotalSeconds:0} s ago");

    private static string Word(ServeAction action) => action switch
    {
        ServeAction.Serve => "hit",
        ServeAction.ServeStaleAndRefresh => "stale",
        ServeAction.Validate => "validate",
        ServeAction.Fetch => "fetch",
        ServeAction.Pass => "pass",
        _ => "fail",
    };

    private static string Plural(int count, string what) => count == 1 ? $"1 {what}" : $"{count} {what}s";

    private readonly record struct Proposal(PolicyChange? Change, string? MustNot);
}
