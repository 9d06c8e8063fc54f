using System.Net.Sockets;
using CacheGateway.Diagnostics;
using CacheGateway.Model;
using CacheGateway.Pipeline.Resilience;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace CacheGateway.Pipeline;

/// <summary>
/// Tells the log that an origin gave no answer, half of one, or is this gateway itself: one line a second of each at most, with the number of those that were not told.
/// Metrics count them all.
/// </summary>
internal sealed class OriginFailureLog(TimeProvider time, ILogger<OriginFailureLog> logger)
{
    private readonly Pace _failures = new(time);
    private readonly Pace _truncated = new(time);
    private readonly Pace _unexpected = new(time);
    private readonly Pace _loops = new(time);

    public void Tell(HttpContext context, Reason reason)
    {
        if (_failures.TryTell(out var untold))
        {
            var destination = context.Features.Get<IReverseProxyFeature>()?.ProxiedDestination?.Model.Config.Address;
            logger.OriginError(destination ?? "(none available)", reason.Text(), Words(context.Features.Get<IForwarderErrorFeature>(), reason), untold);
        }
    }

    /// <summary>An answer whose head was good ended before it was whole.</summary>
    public void TellTruncated(string policy, string error)
    {
        if (_truncated.TryTell(out var untold))
        {
            logger.OriginTruncated(policy, error, untold);
        }
    }

    /// <summary>A mistake of this gateway's own.</summary>
    public void TellUnexpected(string policy, Exception exception)
    {
        if (_unexpected.TryTell(out var untold))
        {
            logger.FetchFailed(exception, policy, untold);
        }
    }

    public void TellLoop()
    {
        if (_loops.TryTell(out var untold))
        {
            logger.LoopDetected(untold);
        }
    }

    /// <summary>What went wrong, without the text of exceptions: that of a broken head quotes the head.</summary>
    private static string Words(IForwarderErrorFeature? error, Reason reason) =>
        error is null ? reason is Reason.OriginFailed or Reason.OriginTruncated ? "an answer that is none" : "not asked"
            : error.Exception is HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } ? $"no TLS: {error.Exception.GetBaseException().Message.TrimEnd('.')}"
            : error.Exception?.GetBaseException() is SocketException socket ? $"{error.Error}: {socket.SocketErrorCode}"
            : RetryRule.IsNotConnected(error.Error, error.Exception) ? $"{error.Error}: no connection in time"
            : error.Error.ToString();
}
