using CacheGateway.Policies.Reading;
using CacheGateway.Policies.Rules;

namespace CacheGateway.Policies.Compiling;

/// <summary>Header names that stand as members of an object; their case means nothing.</summary>
internal static class HeaderNames
{
    public static bool IsOnce(string name, bool seen, Location at, PolicyErrors errors)
    {
        var problem = !FieldNameAttribute.IsToken(name) ? "must be a header name" : seen ? "stands twice, in another case" : null;
        if (problem is not null)
        {
            errors.Add(at, problem);
        }

        return problem is null;
    }
}
