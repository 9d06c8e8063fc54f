using CacheGateway.Diagnostics;
using StackExchange.Redis;

namespace CacheGateway.Storage.Redis;

/// <summary>
/// Every call to Redis goes through here: a time limit, a circuit breaker, a cap on calls under way, and each outcome counted. Nothing is
/// thrown, nothing is queued, nothing is tried again but a script that the server does not know. Whoever awaits it goes on on the thread pool.
/// </summary>
internal sealed class RedisGuard : IRedisCalls
{
    private static readonly string[] OutcomeNames = Array.ConvertAll(Enum.GetNames<RedisOutcome>(), name => name.ToLowerInvariant());

    /// <summary>Calls that run out of time for this long, and not one answer, late ones and those to others included: the connection is given up, whatever the client library thinks.</summary>
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(3);

    private readonly RedisConnection _connection;
    private readonly GatewayMetrics _metrics;
    private readonly RedisBreakers _breakers;
    private readonly TimeProvider _time;
    private long _silentSince;
    private long _heard;
    private int _underWay;

    public RedisGuard(RedisConnection connection, RedisLimits limits, GatewayMetrics metrics, TimeProvider time)
    {
        _connection = connection;
        _metrics = metrics;
        _time = time;
        Limits = limits;
        _breakers = new RedisBreakers(limits, time);
        connection.Connected += _breakers.Close;
    }

    public RedisLimits Limits { get; }

    public bool HasOneClock => _connection.IsOneServer;

    /// <summary>Whether calls are let through.</summary>
    public bool IsClosed => _breakers.IsClosed;

    /// <param name="name">A label of the metric: one of a small set.</param>
    /// <param name="call">Sends one command, as <see cref="RedisDatabase"/> does; runs at most once.</param>
    /// <param name="timeLimit">Longest wait; null = <see cref="RedisLimits.ReadTimeout"/>.</param>
    public async Task<RedisReply<T>> CallAsync<T>(string name, Func<IDatabase, Task<T>> call, TimeSpan? timeLimit = null)
    {
        ArgumentNullException.ThrowIfNull(call);
        RedisReply<T> reply;
        if (_connection.Database is not { } database)
        {
            reply = new RedisReply<T>(RedisOutcome.Disconnected, default);
        }
        else if (Interlocked.Increment(ref _underWay) > Limits.MaxCalls)
        {
            Interlocked.Decrement(ref _underWay);
            reply = new RedisReply<T>(RedisOutcome.Busy, default);
        }
        else
        {
            try
            {
                var limit = timeLimit ?? Limits.ReadTimeout;
                if (_breakers.IsClosed)
                {
                    (reply, var failure) = await AnswerAsync(call, database, limit);
                    _breakers.Tell(failure);
                }
                else
                {
                    reply = await TryAsync(call, database, limit);
                }
            }
            finally
            {
                Interlocked.Decrement(ref _underWay);
            }
        }

        _metrics.RedisCall(name, OutcomeNames[(int)reply.Outcome]);
        Listen(reply.Outcome);
        if (!Thread.CurrentThread.IsThreadPoolThread)
        {
            // The thread that reads from Redis must go back to reading: what follows may take long, and other answers wait behind it.
            await Task.Yield();
        }

        return reply;
    }

    /// <summary>An answer was one to another question: nothing that comes on this connection can be trusted any more.</summary>
    public void OutOfStep() => _connection.Replace();

    /// <summary>Runs a script by its hash; by its text once where the server does not know it (new, restarted, flushed).</summary>
    public Task<RedisReply<RedisResult>> EvaluateAsync(RedisScript script, RedisKey[] keys, RedisValue[] values, TimeSpan? timeLimit = null)
    {
        ArgumentNullException.ThrowIfNull(script);
        return CallAsync(script.Name, database => database.RunAsync(script, keys, values), timeLimit);
    }

    public Task<RedisReply<RedisValue[]>> FieldsAsync(string name, RedisKey key, RedisValue[] fields, TimeSpan timeLimit) =>
        CallAsync(name, database => database.FieldsAsync(key, fields), timeLimit);

    /// <summary>Runs one command.</summary>
    /// <param name="name">A label of the metric: one of a small set.</param>
    /// <param name="timeLimit">Longest wait.</param>
    /// <param name="command">The command's name.</param>
    /// <param name="arguments">Keys as <see cref="RedisKey"/>, so that a Cluster finds the slot; all else as text.</param>
    public Task<RedisReply<RedisResult>> ExecuteAsync(string name, TimeSpan timeLimit, string command, params object[] arguments) =>
        CallAsync(name, database => database.RunAsync(command, arguments), timeLimit);

    private void Listen(RedisOutcome outcome)
    {
        if (outcome is RedisOutcome.Ok or RedisOutcome.Refused or RedisOutcome.Unavailable or RedisOutcome.Disconnected)
        {
            Volatile.Write(ref _silentSince, 0);
        }
        else if (outcome == RedisOutcome.Timeout)
        {
            var now = _time.GetTimestamp();
            var since = Interlocked.CompareExchange(ref _silentSince, now, 0);
            var answers = _connection.Answers;
            if (since == 0 || answers != Volatile.Read(ref _heard))
            {
                Volatile.Write(ref _heard, answers);
                Volatile.Write(ref _silentSince, now);
            }
            else if (_time.GetElapsedTime(since, now) > LongestSilence)
            {
                Volatile.Write(ref _silentSince, 0);
                _connection.Replace();
            }
        }
    }

    /// <summary>Through a breaker that has opened.</summary>
    private async Task<RedisReply<T>> TryAsync<T>(Func<IDatabase, Task<T>> call, IDatabase database, TimeSpan limit)
    {
        var reply = new RedisReply<T>(RedisOutcome.Open, default);
        await _breakers.TryAsync(async () =>
        {
            (reply, var failure) = await AnswerAsync(call, database, limit);
            return failure;
        });
        return reply;
    }

    private async ValueTask<(RedisReply<T> Reply, Exception? Failure)> AnswerAsync<T>(Func<IDatabase, Task<T>> call, IDatabase database, TimeSpan limit)
    {
        Task<T>? answer = null;
        try
        {
            answer = call(database);
            var value = await answer.WaitAsync(limit, _time);
            _connection.Answered();
            return (new RedisReply<T>(RedisOutcome.Ok, value), null);
        }
        catch (Exception exception)
        {
            // Whatever the client library throws is an outcome: a request must not learn of it.
            if (exception is TimeoutException)
            {
                // An answer after the time limit belongs to nobody, and neither does its error; it only says that somebody is there.
                _ = answer?.ContinueWith(
                    late =>
                    {
                        if (late.IsCompletedSuccessfully || late.Exception?.GetBaseException() is RedisServerException)
                        {
                            _connection.Answered();
                        }
                    },
                    CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            }

            if (exception is RedisServerException server)
            {
                _connection.Answered();
                if (server.Message.StartsWith("READONLY", StringComparison.Ordinal))
                {
                    _connection.ReplaceReadOnly();
                }
            }

            return (new RedisReply<T>(RedisBreakers.OutcomeOf(exception), default, (exception as RedisServerException)?.Message), exception);
        }
    }
}
