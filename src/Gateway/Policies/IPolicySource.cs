namespace CacheGateway.Policies;

/// <summary>Where a request takes its policies from: once, and uses that snapshot to its end. One that never changes has nothing to say but <see cref="Current"/>.</summary>
public interface IPolicySource
{
    CachePolicyTable Current { get; }

    /// <summary>Raised after a change was taken or refused; <see cref="Current"/> and <see cref="LastErrors"/> tell which.</summary>
    event EventHandler? Changed
    {
        add { }
        remove { }
    }

    /// <summary>What is wrong with the policies as they are written now; empty while <see cref="Current"/> is what is written.</summary>
    IReadOnlyList<PolicyError> LastErrors => [];

    /// <summary>When <see cref="Current"/> was loaded; null where nothing was.</summary>
    DateTimeOffset? LastReload => null;

    /// <summary>Changes taken since start.</summary>
    int Reloads => 0;

    /// <summary>Changes refused since start.</summary>
    int Failed => 0;

    /// <summary>A policy of <see cref="Current"/> as it is written there, moved to the left margin; null when none by that name is written anywhere.</summary>
    string? TextOf(string policy) => null;
}
