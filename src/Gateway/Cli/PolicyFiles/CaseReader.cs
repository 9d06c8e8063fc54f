using System.Text.Json;
using CacheGateway.Model;
using CacheGateway.Pipeline;
using CacheGateway.Policies;
using CacheGateway.Policies.Reading;
using CacheGateway.Policies.Rules;

namespace CacheGateway.Cli.PolicyFiles;

/// <summary>Reads cases for <c>policy test</c> as policy files are read: all that is wrong, each with its place and what would be right.</summary>
internal static class CaseReader
{
    private const string Example = """{ "name": "a list is kept", "request": { "url": "/api/products" }, "expect": { "policy": "products" } }""";

    /// <summary>A reason, a policy or a target that there is not.</summary>
    private const string None = "none";

    private static readonly string[] Decisions = [TrialOutcome.Store, TrialOutcome.NotStored, TrialOutcome.Pass, TrialOutcome.Write, TrialOutcome.Refused, TrialOutcome.LookUp];

    private static readonly string[] Reasons = [.. Enum.GetValues<Reason>().Select(reason => reason.Text()), RequestGuard.MethodRefused, RequestGuard.WriteRefused, None];

    /// <param name="utf8">The file, with or without a byte order mark.</param>
    /// <param name="fileName">Stands at the beginning of each error.</param>
    /// <returns>The cases, or what keeps them from being run.</returns>
    public static (CaseFile? Cases, IReadOnlyList<PolicyError> Errors) Read(ReadOnlySpan<byte> utf8, string fileName)
    {
        var errors = new PolicyErrors(fileName);
        using var json = PolicyReader.Parse(utf8, errors);
        CaseFile? cases = null;
        if (json is not null && IsPolicyFile(json.RootElement))
        {
            errors.Add(Location.Root.Member("policies"), $"this is a policy file; a file of cases has \"cases\": [{Example}], and \"policies\" or --policies names the policy file");
        }
        else if (json is not null)
        {
            cases = new ShapeReader(errors, isNullAbsent: true).ReadSection<CaseFile>(json.RootElement, Location.Root);
        }

        if (cases is not null && !errors.Any)
        {
            Check(cases, errors);
        }

        return errors.Any ? (null, LineIndex.Of(utf8).Locate(errors.ToList())) : (cases, []);
    }

    private static bool IsPolicyFile(JsonElement root) =>
        root.ValueKind == JsonValueKind.Object && root.TryGetProperty("policies", out var policies) && policies.ValueKind == JsonValueKind.Object;

    private static void Check(CaseFile file, PolicyErrors errors)
    {
        var list = Location.Root.Member("cases");
        if (file.Cases.Count == 0)
        {
            errors.Add(list, $"must hold at least one case, such as {Example}");
        }

        foreach (var (index, one) in file.Cases.Index())
        {
            var at = list.Item(index).Member("expect");
            if (one.Expect == new CaseExpectation())
            {
                errors.Add(at, $"case \"{one.Name}\" expects nothing, so it always holds; name some of {string.Join(", ", Shape.Of(typeof(CaseExpectation)).Members.Keys.Order(StringComparer.Ordinal))}");
            }

            if (one.Expect.SameKeyAs == one.Name || one.Expect.OtherKeyThan == one.Name)
            {
                errors.Add(at, $"case \"{one.Name}\" is compared with itself; name another case");
            }

            Check(one.Expect.Decision, Decisions, at.Member("decision"), errors);
            Check(one.Expect.Reason, Reasons, at.Member("reason"), errors);
        }
    }

    private static void Check(string? value, string[] known, Location at, PolicyErrors errors)
    {
        if (value is not null && !known.Contains(value, StringComparer.Ordinal))
        {
            var near = Suggestion.For(value, known);
            errors.AddValue(at, value, "is none that there is" + (near.Length > 0 ? near : $"; the nearest are {string.Join(", ", Suggestion.NearestFirst(value, known).Take(5))}"));
        }
    }
}
