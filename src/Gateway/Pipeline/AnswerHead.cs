namespace CacheGateway.Pipeline;

/// <summary>Takes back what an attempt left on an answer that has not begun.</summary>
internal static class AnswerHead
{
    /// <summary>All of it describes what will not be sent (the cookie of session affinity, for one), but for Connection: that the connection is to end is the gateway's own word.</summary>
    public static void TakeBack(HttpResponse response)
    {
        var connection = response.Headers.Connection;
        response.Clear();
        response.Headers.Connection = connection;
    }
}
