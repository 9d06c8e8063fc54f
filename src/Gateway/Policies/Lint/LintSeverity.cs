namespace CacheGateway.Policies.Lint;

/// <summary>How much a finding matters.</summary>
internal enum LintSeverity
{
    /// <summary>The file is not taken.</summary>
    Error,

    /// <summary>It is taken, and probably does not do what its author wants, or does what few would want.</summary>
    Warning,

    /// <summary>Worth knowing.</summary>
    Note,
}
