using CacheGateway.Model;

namespace CacheGateway.Policies;

/// <summary>Which policy would have taken a path that none takes, but for its case or a slash at its end.</summary>
internal static class NearPaths
{
    /// <param name="table">The policies.</param>
    /// <param name="path">Raw, without its query.</param>
    /// <returns>The most specific one, or null.</returns>
    public static CachePolicy? Find(CachePolicyTable table, ReadOnlySpan<char> path)
    {
        ArgumentNullException.ThrowIfNull(table);
        var plain = PathSpelling.Fold(path).TrimEnd('/');
        string[] spellings = [plain, plain + "/"];
        return table.Policies.FirstOrDefault(policy => policy.Match.Path?.Folded() is { } folded && Array.Exists(spellings, spelling => folded.IsMatch(spelling)));
    }
}
