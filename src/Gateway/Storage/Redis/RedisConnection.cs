using System.Diagnostics;
using System.Threading.Channels;
using CacheGateway.Diagnostics;
using StackExchange.Redis;

namespace CacheGateway.Storage.Redis;

/// <summary>
/// The one multiplexer of this gateway. Made once; begins to connect when it is first asked for a database, in the background: nothing waits
/// for Redis, neither a start nor a request. Until the first attempt ended, and while nobody answers, there simply is no database.
/// Everything that may fail goes through <see cref="RedisGuard"/>. Its paces are on the machine's clock: the client library knows no other.
/// <para>
/// Where the database is another than 0, there is none before the server has let each new connection select it (<see cref="RedisOptions.SelectAsync"/>): what is told of it. That
/// nothing goes to another one is no matter of connections (<see cref="RedisDatabase"/>): of a new one the library tells later than it sends.
/// </para>
/// </summary>
internal sealed class RedisConnection : IRedisLink, IAsyncDisposable
{
    /// <summary>A new connection is given this long before it may be given up for a newer one.</summary>
    private const long ReplacePauseMs = 2000;

    /// <summary>Between two connections that are given up because the server takes no writes: it may be a replica for long.</summary>
    private const long ReadOnlyPauseMs = 10_000;

    private static readonly TimeSpan LongestSelect = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan SubscribeLimit = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestClose = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConfigurationOptions _options;
    private readonly RedisScout _scout;
    private readonly RedisOutage _outage;
    private readonly Channel<bool> _looks = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly int _database;
    private readonly ILogger _logger;
    private Task? _connecting;
    private Task _scouting = Task.CompletedTask;
    private ConnectionMultiplexer? _multiplexer;
    private long _connectedAt;
    private long _readOnlyAt = -ReadOnlyPauseMs;

    /// <summary>Connections begun or lost so far: what was selected on one says nothing of the next.</summary>
    private int _lines;
    private int _selectedOn = -1;
    private long _answers;

    /// <exception cref="NotSupportedException">A named ACL user, and a client library that knows only passwords.</exception>
    public RedisConnection(RedisSettings settings, ILogger<RedisConnection> logger)
    {
        ArgumentNullException.ThrowIfNull(settings);
        Address = settings.ToString();
        _database = settings.Database;
        _logger = logger;
        _options = RedisOptions.Of(settings);
        _scout = new RedisScout(_options);
        _outage = new RedisOutage(new RedisProbe(_options, settings.User), Address, () => IsConnected, logger, _stopping.Token);
    }

    /// <summary>Where Redis is, fit for logs.</summary>
    public string Address { get; }

    /// <summary>Whether one server, and no Cluster, is all there is.</summary>
    public bool IsOneServer { get; private set; }

    public string? Problem => IsConnected ? null : _outage.Problem;

    /// <summary>Whether there is a connection, in the right database.</summary>
    public bool IsConnected => Volatile.Read(ref _multiplexer) is { IsConnected: true } && IsSelected;

    /// <summary>
    /// Raised on every connect and reconnect, on a thread of the client library: handlers must not block. The multiplexer may be another one
    /// than before (<see cref="Replace"/>), which knows nothing of older subscriptions.
    /// </summary>
    public event Action? Connected;

    /// <summary>The database, or null while there has never been a connection or it is not selected. Asking begins to connect; it never waits.</summary>
    public IDatabase? Database => Multiplexer?.GetDatabase(_database);

    /// <summary>Pub/sub on the same multiplexer, or null where there is no <see cref="Database"/>.</summary>
    public ISubscriber? Subscriber => Multiplexer?.GetSubscriber();

    public object? Line => Multiplexer;

    /// <summary>Answers that came so far, in time or too late, to whichever part of the gateway: while there are any, the connection lives.</summary>
    public long Answers => Interlocked.Read(ref _answers);

    public void Answered() => Interlocked.Increment(ref _answers);

    private bool IsSelected => _database == 0 || Volatile.Read(ref _selectedOn) == Volatile.Read(ref _lines);

    private ConnectionMultiplexer? Multiplexer
    {
        get
        {
            if (Volatile.Read(ref _multiplexer) is { } multiplexer)
            {
                return IsSelected ? multiplexer : null;
            }

            Start();
            return null;
        }
    }

    /// <summary>Begins to connect if nobody did.</summary>
    public void Start()
    {
        lock (_gate)
        {
            if (_connecting is null)
            {
                _connecting = Task.Run(ConnectAsync);
                _scouting = Task.Run(ScoutAsync);
            }
        }
    }

    public async Task SubscribeAsync(RedisChannel channel, Action<RedisValue> heard)
    {
        var subscriber = Subscriber ?? throw new IOException("There is no connection.");
        Action<RedisChannel, RedisValue> handler = (_, message) => heard(message);
        try
        {
            await subscriber.SubscribeAsync(channel, handler).WaitAsync(SubscribeLimit);
        }
        catch (RedisServerException)
        {
            // Refused. To the client library a channel that was asked for once is subscribed to, and the next attempt would ask nobody. (Where the connection broke or was slow, the library
            // itself asks once more.)
            _ = subscriber.UnsubscribeAsync(channel, handler);
            throw;
        }
    }

    /// <summary>
    /// Gives the connection up and makes a new one, because its answers do not belong to the questions any more or never come. The client
    /// library would not: to it, the wrong answer is an answer.
    /// </summary>
    public void Replace()
    {
        if (Volatile.Read(ref _multiplexer) is { } multiplexer && TryReplace(multiplexer))
        {
            OnLost("out of step");
        }
    }

    /// <summary>
    /// As <see cref="Replace"/>, because the server takes no writes. A master that was demoted closes no connection: where its address (a name, a balancer) leads to the new one, only who
    /// connects anew gets there. A Cluster tells by itself who its masters are.
    /// </summary>
    public void ReplaceReadOnly()
    {
        var now = Environment.TickCount64;
        if (IsOneServer && now - Interlocked.Read(ref _readOnlyAt) >= ReadOnlyPauseMs && Volatile.Read(ref _multiplexer) is { } multiplexer && TryReplace(multiplexer))
        {
            Interlocked.Exchange(ref _readOnlyAt, now);
            OnLost("it takes no writes");
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_stopping.IsCancellationRequested)
        {
            // A container that knows it by two names disposes it twice.
            return;
        }

        await _stopping.CancelAsync();
        Task? connecting;
        lock (_gate)
        {
            connecting = _connecting ?? Task.CompletedTask;
            _connecting = connecting;
        }

        await connecting;
        await _scouting;
        await _outage.Telling;
        if (_multiplexer is { } multiplexer)
        {
            await CloseInTimeAsync(multiplexer);
        }

        _stopping.Dispose();
    }

    /// <summary>One that writes to a hung server may never be closed, and nobody waits for that.</summary>
    private static async Task CloseInTimeAsync(ConnectionMultiplexer multiplexer) =>
        await Task.Run(() => CloseAsync(multiplexer)).WaitAsync(LongestClose).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private static async Task CloseAsync(ConnectionMultiplexer multiplexer)
    {
        try
        {
            await multiplexer.CloseAsync(allowCommandsToComplete: false);
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException or IOException)
        {
            // It was broken already, or it would not be closed.
        }

        multiplexer.Dispose();
    }

    private async Task ConnectAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                // Ends after the connect timeout in any case; from then on the library reconnects by itself.
                var multiplexer = await ConnectionMultiplexer.ConnectAsync(_options);
                multiplexer.ConnectionFailed += (source, failure) => IfCurrent(source, () => OnFailed(failure));
                multiplexer.ConnectionRestored += (source, _) => IfCurrent(source, OnRestored);
                _connectedAt = Environment.TickCount64;
                Interlocked.Increment(ref _lines);
                Volatile.Write(ref _multiplexer, multiplexer);
                if (multiplexer.IsConnected)
                {
                    OnRestored();
                }
                else
                {
                    OnLost("no answer");
                }

                return;
            }
            catch (Exception exception)
            {
                // A name that does not resolve yet: once more, as for a server that is not there yet. Whatever else it is, nobody else connects again.
                OnLost(exception.GetType().Name);
            }

            // A pace: a name or a server that is not there yet tells nobody when it is.
            await Task.Delay(RedisOptions.ReconnectMs, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Gives up this one and makes a new one, unless that was done already or is too soon.</summary>
    private bool TryReplace(ConnectionMultiplexer old)
    {
        lock (_gate)
        {
            if (!ReferenceEquals(old, _multiplexer) || _stopping.IsCancellationRequested || Environment.TickCount64 - _connectedAt < ReplacePauseMs)
            {
                return false;
            }

            Volatile.Write(ref _multiplexer, null);
            _connecting = Task.Run(async () =>
            {
                // The old one first: it may have found the server by itself meanwhile.
                await CloseInTimeAsync(old);
                await ConnectAsync();
            });
            return true;
        }
    }

    /// <summary>
    /// Whenever every server was lost: looks for one, and makes a new multiplexer for it if the old one has not found it by then. Whenever there is a new connection:
    /// selects the database, over and over while that is refused.
    /// </summary>
    private async Task ScoutAsync()
    {
        try
        {
            while (true)
            {
                await _looks.Reader.ReadAsync(_stopping.Token);
                var since = Stopwatch.GetTimestamp();
                while (Volatile.Read(ref _multiplexer) is { } multiplexer && !IsConnected)
                {
                    if (!(multiplexer.IsConnected ? await TrySelectAsync(multiplexer) : await IsThereAsync() && !multiplexer.IsConnected && TryReplace(multiplexer)))
                    {
                        // Between two looks at a server that tells nobody when it is back, or lets us in.
                        await Task.Delay(RedisScout.PauseAfter(Stopwatch.GetElapsedTime(since)), _stopping.Token);
                    }
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The gateway stops.
        }
    }

    private async Task<bool> IsThereAsync()
    {
        try
        {
            return await _scout.IsThereAsync(_stopping.Token);
        }
        catch (Exception exception) when (!_stopping.IsCancellationRequested)
        {
            _logger.RedisWatchFailed(exception);
            return false;
        }
    }

    private async Task<bool> TrySelectAsync(ConnectionMultiplexer multiplexer)
    {
        var line = Volatile.Read(ref _lines);
        try
        {
            await RedisOptions.SelectAsync(multiplexer, _database).WaitAsync(LongestSelect, _stopping.Token);
        }
        catch (Exception exception) when (!_stopping.IsCancellationRequested)
        {
            // What the library refuses by itself (a Cluster has one database) comes as a failure of the connection.
            var refusal = exception.GetBaseException();
            _outage.Say(refusal is RedisServerException or RedisCommandException ? $"database {_database} cannot be selected: {refusal.Message}" : exception.GetType().Name);
            return false;
        }

        Volatile.Write(ref _selectedOn, line);
        if (!IsSelected)
        {
            // Another connection was made meanwhile.
            return false;
        }

        OnConnected();
        return true;
    }

    private void IfCurrent(object? source, Action act)
    {
        if (ReferenceEquals(source, Volatile.Read(ref _multiplexer)))
        {
            act();
        }
    }

    private void OnFailed(ConnectionFailedEventArgs failure)
    {
        if (failure.ConnectionType == ConnectionType.Interactive)
        {
            Interlocked.Increment(ref _lines);
        }

        OnLost(failure.FailureType.ToString());
    }

    private void OnRestored()
    {
        if (IsSelected)
        {
            OnConnected();
        }
        else
        {
            _looks.Writer.TryWrite(true);
        }
    }

    private void OnConnected()
    {
        _outage.End();
        _logger.RedisConnected(Address);
        IsOneServer = Volatile.Read(ref _multiplexer) is { } multiplexer && multiplexer.GetEndPoints() is [var only] && multiplexer.GetServer(only).ServerType == ServerType.Standalone;
        try
        {
            Connected?.Invoke();
        }
        catch (Exception exception)
        {
            // What a listener throws is not the connection's fault, and must not end what looks after it.
            _logger.RedisWatchFailed(exception);
        }
    }

    private void OnLost(string why)
    {
        _outage.Tell(why);
        _looks.Writer.TryWrite(true);
    }
}
