namespace CacheGateway.Policies;

/// <summary>The policy file cannot be used at start-up.</summary>
public sealed class PolicyFileException(IReadOnlyList<PolicyError> errors)
    : Exception(string.Join(Environment.NewLine, errors))
{
    public IReadOnlyList<PolicyError> Errors { get; } = errors;
}
