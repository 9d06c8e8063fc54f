using System.Security.Authentication;

namespace CacheGateway.Pipeline.Resilience;

/// <summary>The origin could not prove a name that its client chose: that says nothing of the origin.</summary>
internal sealed class ForeignNameException : AuthenticationException
{
    public ForeignNameException()
    {
    }

    public ForeignNameException(string message)
        : base(message)
    {
    }

    public ForeignNameException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
