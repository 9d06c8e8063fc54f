using System.Diagnostics;
using System.Threading.Channels;
using CacheGateway.Diagnostics;
using StackExchange.Redis;

namespace CacheGateway.Storage.Redis;

/// <summary>
/// The one multiplexer of this gateway. Made once; begins to connect when it is first asked for a database, in the background: nothing waits
/// for Redis, neither a start nor a request. Until the first attempt ended, and while nobody answers, there simply is no database.
/// Everything that may fail goes through <see cref="RedisGuard"/>. Its paces are on the machine's clock: the client library knows no other.
/// </summary>
internal sealed class RedisConnection : IRedisLink, IAsyncDisposable
{
    private const long LogPauseMs = 1000;

    /// <summary>A new connection is given this long before it may be given up for a newer one.</summary>
    private const long ReplacePauseMs = 2000;

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConfigurationOptions _options;
    private readonly RedisScout _scout;
    private readonly RedisProbe _probe;
    private readonly Channel<bool> _lost = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly int _database;
    private readonly ILogger _logger;
    private Task? _connecting;
    private Task _scouting = Task.CompletedTask;
    private Task _telling = Task.CompletedTask;
    private string? _problem;
    private ConnectionMultiplexer? _multiplexer;
    private long _connectedAt;
    private long _loggedAt = -LogPauseMs;

    /// <exception cref="NotSupportedException">A named ACL user, and a client library that knows only passwords.</exception>
    public RedisConnection(RedisSettings settings, ILogger<RedisConnection> logger)
    {
        ArgumentNullException.ThrowIfNull(settings);
        Address = settings.ToString();
        _database = settings.Database;
        _logger = logger;
        _options = RedisOptions.Of(settings);
        _scout = new RedisScout(_options);
        _probe = new RedisProbe(_options, settings.User);
    }

    /// <summary>Where Redis is, fit for logs.</summary>
    public string Address { get; }

    /// <summary>Whether one server, and no Cluster, is all there is.</summary>
    public bool IsOneServer { get; private set; }

    public string? Problem => IsConnected ? null : Volatile.Read(ref _problem);

    public bool IsConnected => Volatile.Read(ref _multiplexer) is { IsConnected: true };

    /// <summary>
    /// Raised on every connect and reconnect, on a thread of the client library: handlers must not block. The multiplexer may be another one
    /// than before (<see cref="Replace"/>), which knows nothing of older subscriptions.
    /// </summary>
    public event Action? Connected;

    /// <summary>Raised when a connection is lost, in the same way.</summary>
    public event Action? Lost;

    /// <summary>The database, or null while there has never been a connection. Asking begins to connect; it never waits.</summary>
    public IDatabase? Database => Multiplexer?.GetDatabase(_database);

    /// <summary>Pub/sub on the same multiplexer, or null while there has never been a connection.</summary>
    public ISubscriber? Subscriber => Multiplexer?.GetSubscriber();

    public object? Line => Multiplexer;

    private ConnectionMultiplexer? Multiplexer
    {
        get
        {
            if (Volatile.Read(ref _multiplexer) is { } multiplexer)
            {
                return multiplexer;
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

    public Task SubscribeAsync(RedisChannel channel, Action<RedisValue> heard) =>
        Subscriber?.SubscribeAsync(channel, (_, message) => heard(message)) ?? Task.FromException(new IOException("There is no connection."));

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
        await Volatile.Read(ref _telling);
        if (_multiplexer is { } multiplexer)
        {
            await CloseAsync(multiplexer);
        }

        _stopping.Dispose();
    }

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
                multiplexer.ConnectionFailed += (source, failure) => IfCurrent(source, () => OnLost(failure.FailureType.ToString()));
                multiplexer.ConnectionRestored += (source, _) => IfCurrent(source, OnConnected);
                _connectedAt = Environment.TickCount64;
                Volatile.Write(ref _multiplexer, multiplexer);
                if (multiplexer.IsConnected)
                {
                    OnConnected();
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
            _connecting = Task.Run(ConnectAsync);
        }

        _ = CloseAsync(old);
        return true;
    }

    /// <summary>Whenever every server was lost: looks for one, and makes a new multiplexer for it if the old one has not found it by then.</summary>
    private async Task ScoutAsync()
    {
        try
        {
            while (true)
            {
                await _lost.Reader.ReadAsync(_stopping.Token);
                var since = Stopwatch.GetTimestamp();
                while (Volatile.Read(ref _multiplexer) is { IsConnected: false } lost)
                {
                    if (!(await IsThereAsync() && !lost.IsConnected && TryReplace(lost)))
                    {
                        // Between two looks at a server that tells nobody when it is back.
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

    private void IfCurrent(object? source, Action act)
    {
        if (ReferenceEquals(source, Volatile.Read(ref _multiplexer)))
        {
            act();
        }
    }

    private void OnConnected()
    {
        _probe.Forget();
        _logger.RedisConnected(Address);
        IsOneServer = Volatile.Read(ref _multiplexer) is { } multiplexer && multiplexer.GetEndPoints() is [var only] && multiplexer.GetServer(only).ServerType == ServerType.Standalone;
        Tell(Connected);
    }

    private void OnLost(string why)
    {
        var now = Environment.TickCount64;
        var last = Volatile.Read(ref _loggedAt);
        if (now - last >= LogPauseMs && Interlocked.CompareExchange(ref _loggedAt, now, last) == last)
        {
            Volatile.Write(ref _telling, TellAsync(why));
        }

        _lost.Writer.TryWrite(true);
        Tell(Lost);
    }

    /// <summary>What a listener throws is not the connection's fault, and must not end what looks after it.</summary>
    private void Tell(Action? listeners)
    {
        try
        {
            listeners?.Invoke();
        }
        catch (Exception exception)
        {
            _logger.RedisWatchFailed(exception);
        }
    }

    /// <summary>Says why, as soon as that is known; nothing when there is a connection again by then, which was said already.</summary>
    private async Task TellAsync(string why)
    {
        var cause = why;
        try
        {
            cause = await _probe.CauseAsync(_stopping.Token) ?? why;
        }
        catch (Exception exception)
        {
            // Nobody waits for this, and that the connection is lost is told all the same.
            _logger.RedisWatchFailed(exception);
        }

        Volatile.Write(ref _problem, cause);
        if (!IsConnected && !_stopping.IsCancellationRequested)
        {
            _logger.RedisLost(Address, cause);
        }
    }
}
