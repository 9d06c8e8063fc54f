using System.Text;
using CacheGateway.Model;
using CacheGateway.Policies;

namespace Gateway.Tests.Policies;

/// <summary>Reads policies from text in tests; single quotes stand for double ones.</summary>
internal static class PolicyText
{
    public static CachePolicyTable Table(string json)
    {
        var (table, errors) = Read(json);
        Assert.Empty(errors);
        return table!;
    }

    /// <summary>Without their lines.</summary>
    public static string[] Errors(string json)
    {
        var (table, errors) = Read(json);
        Assert.Null(table);
        return [.. errors.Select(error => (error with { Line = null }).ToString())];
    }

    /// <summary>The only policy of a file that holds this one.</summary>
    public static CachePolicy Policy(string section) => Assert.Single(Table($"{{'policies': {{'p': {section}}}}}").Policies);

    /// <summary>The errors of a policy named p, without what every line begins with.</summary>
    public static string[] PolicyErrors(string section)
    {
        const string Start = "policies.json: policy \"p\": ";
        var errors = Errors($"{{'policies': {{'p': {section}}}}}");
        Assert.All(errors, error => Assert.StartsWith(Start, error, StringComparison.Ordinal));
        return [.. errors.Select(error => error[Start.Length..])];
    }

    private static (CachePolicyTable? Table, IReadOnlyList<PolicyError> Errors) Read(string json) =>
        PolicyReader.Read(Encoding.UTF8.GetBytes(json.Replace('\'', '"')), "policies.json");
}
