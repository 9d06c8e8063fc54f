using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using CacheGateway.Children;
using CacheGateway.Storage.Redis;
using StackExchange.Redis;

namespace CacheGateway.Interleavings.Redis;

/// <summary>
/// A real redis-server that runs the product's own scripts. Two things alone are taken from the schedule instead: the time, and which run of the
/// server this is; both lie in a key that the scripts read in place of TIME and INFO. What they publish they write there, for nobody is subscribed.
/// </summary>
internal sealed class RealServer : IScriptServer, IDisposable
{
    private const string Clock = "explorer:clock";

    private static readonly (string Asks, string Instead)[] Replaced =
    [
        ("redis.call('TIME')", $"redis.call('HMGET', '{Clock}', 's', 'us')"),
        ("beside('PUBLISH', ARGV[12],", $"beside('HSET', '{Clock}', 'said',"),
        ("string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')", $"redis.call('HGET', '{Clock}', 'run')"),
    ];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("explorer-redis-");
    private readonly Process _process;
    private readonly RespConnection _redis;
    private readonly Dictionary<RedisScript, byte[]> _loaded = [];
    private string _run = "run0";

    public RealServer()
    {
        var socket = Path.Combine(_folder.FullName, "redis.sock");
        _process = Process.Start(Leash.Of("redis-server",
            ["--port", "0", "--unixsocket", socket, "--save", "", "--appendonly", "no", "--dir", _folder.FullName, "--logfile", Path.Combine(_folder.FullName, "log")]))!;
        _redis = Connect(socket);
    }

    public static bool IsInstalled { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Any(folder => File.Exists(Path.Combine(folder, "redis-server")));

    public Reply Evaluate(RedisScript script, RedisKey[] keys, RedisValue[] values, long now, Action<string> published)
    {
        if (!_loaded.TryGetValue(script, out var hash))
        {
            var text = Array.FindAll(Replaced, pair => script.Text.Contains(pair.Asks, StringComparison.Ordinal))
                .Aggregate(script.Text, (text, pair) => text.Replace(pair.Asks, pair.Instead, StringComparison.Ordinal));
            hash = ((Reply.Bulk)_redis.Call("SCRIPT", "LOAD", text)).Bytes!;
            _loaded[script] = hash;
        }

        _redis.Send(Words("HSET", Clock, "s", Text(now / 1_000_000), "us", Text(now % 1_000_000), "run", _run, "said", ""));
        _redis.Send([.. Words("EVALSHA"), hash, .. Words(Text(keys.Length)), .. keys.Select(key => (byte[])key!), .. values.Select(value => (byte[]?)value ?? [])]);
        _redis.Send(Words("HGET", Clock, "said"));
        _redis.Read();
        var reply = _redis.Read();
        if (_redis.Read().Describe() is { Length: > 0 } said)
        {
            published(said);
        }

        return reply;
    }

    public IReadOnlyList<string> Keys(string prefix) =>
        [.. ((Reply.Many)_redis.Call("KEYS", prefix + "*")).Parts.Select(key => key.Describe()).Where(key => key != Clock).Order(StringComparer.Ordinal)];

    public void Delete(string key) => _redis.Call("DEL", key);

    public void Trim(string stream)
    {
        var length = ((Reply.Number)_redis.Call("XLEN", stream)).Value;
        _redis.Call("XTRIM", stream, "MAXLEN", Text(length - ((length + 1) / 2)));
    }

    public object Save() => Keys("").ToDictionary(key => key, key => ((Reply.Bulk)_redis.Call("DUMP", key)).Bytes!);

    public void Restart(string run, object? saved)
    {
        _run = run;
        _redis.Call("FLUSHALL");
        foreach (var (key, dump) in saved as Dictionary<string, byte[]> ?? [])
        {
            _redis.Send([.. Words("RESTORE", key, "0"), dump]);
            if (_redis.Read() is Reply.Error error)
            {
                throw new InvalidDataException(error.Message);
            }
        }
    }

    public void Dispose()
    {
        _redis.Dispose();
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    /// <summary>The socket is there a moment before the server listens on it.</summary>
    private static RespConnection Connect(string socket)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                return new RespConnection(socket);
            }
            catch (SocketException) when (clock.Elapsed < TimeSpan.FromSeconds(30))
            {
                Thread.Sleep(10);
            }
        }
    }

    private static IEnumerable<byte[]> EachOf(string[] words) => words.Select(Encoding.UTF8.GetBytes);

    private static byte[][] Words(params string[] words) => [.. EachOf(words)];

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
