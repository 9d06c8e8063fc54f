using System.Net.Sockets;
using Yarp.ReverseProxy.Forwarder;

namespace CacheGateway.Pipeline.Resilience;

/// <summary>
/// Whether a request that got no answer may be sent once more: only one that changes nothing and has no body (RFC 9110 9.2.2), only where the
/// connection failed before anything came back, never because it took too long. What was not sent at all is another matter.
/// </summary>
internal static class RetryRule
{
    /// <summary>There was no connection, so that nothing of the request was sent: refused, no way there, a name without an address, no TLS, or the connect timeout.</summary>
    public static bool IsNotConnected(ForwarderError error, Exception? cause) => (error, cause) switch
    {
        // With a socket's own words inside: over QUIC, which has none, a connection that ends later is told as the same.
        (ForwarderError.Request, HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError, InnerException: SocketException }) => true,
        (ForwarderError.Request, HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError }) => true,
        // The client library gives this cause for its connect timeout alone; the gateway's limits and YARP's cancel without one.
        (ForwarderError.RequestTimedOut, OperationCanceledException { InnerException: TimeoutException }) => true,
        _ => false,
    };

    public static bool MayRetry(string method, bool hasBody, ForwarderError error, Exception? cause) =>
        error == ForwarderError.Request && !hasBody && method is "GET" or "HEAD" or "OPTIONS" && IsConnectionFailure(cause);

    /// <summary>Refused, no TLS, reset, or closed without a whole head; a head that is none is an answer, and would come again.</summary>
    public static bool IsConnectionFailure(Exception? cause) => cause switch
    {
        HttpRequestException
        {
            HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError or HttpRequestError.ResponseEnded,
        } => true,
        HttpRequestException { InnerException: HttpIOException { HttpRequestError: HttpRequestError.ResponseEnded } } => true,
        HttpRequestException { InnerException: IOException { InnerException: SocketException } or SocketException } => true,
        // A connection that was reset before the client library had looked at it comes as the socket's own words.
        SocketException => true,
        _ => false,
    };
}
