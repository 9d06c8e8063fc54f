using CacheGateway.Policies;
using CacheGateway.Policies.Reading;

namespace CacheGateway.Operations.Explaining;

/// <summary>Where in the policy file something stands. A file that is being refused is not the one in force, and has no lines to show.</summary>
internal sealed class PolicyLines(IPolicySource policies, string? file)
{
    public string? File => file;

    public int? LineOf(string policy, string member = "")
    {
        if (file is null || policies.LastErrors.Count > 0)
        {
            return null;
        }

        try
        {
            return LineIndex.Of(System.IO.File.ReadAllBytes(file)).LineOf(policy, member.Length == 0 ? "$" : "$." + member);
        }
        catch (IOException)
        {
            // Gone or being replaced: the answer is worth giving without it.
            return null;
        }
    }
}
