using System.Net.Sockets;
using Yarp.ReverseProxy.Forwarder;

namespace CacheGateway.Pipeline.Resilience;

/// <summary>
/// Whether a request that got no answer may be sent once more: only one that changes nothing and has no body (RFC 9110 9.2.2), only where the
/// connection failed before anything came back, never because it took too long.
/// </summary>
internal static class RetryRule
{
    public static bool MayRetry(string method, bool hasBody, ForwarderError error, Exception? cause) =>
        error == ForwarderError.Request && !hasBody && method is "GET" or "HEAD" or "OPTIONS" && IsConnectionFailure(cause);

    /// <summary>Refused, reset, or closed without a whole head; a head that is none is an answer, and would come again.</summary>
    public static bool IsConnectionFailure(Exception? cause) => cause switch
    {
        HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.ResponseEnded } => true,
        HttpRequestException { InnerException: HttpIOException { HttpRequestError: HttpRequestError.ResponseEnded } } => true,
        HttpRequestException { InnerException: IOException { InnerException: SocketException } or SocketException } => true,
        // A connection that was reset before the client library had looked at it comes as the socket's own words.
        SocketException => true,
        _ => false,
    };
}
