using System.Globalization;
using System.Text;
using CacheGateway.Invalidation.Redis;
using CacheGateway.Storage.Redis;
using StackExchange.Redis;

namespace CacheGateway.Interleavings.Redis;

/// <summary>
/// A Redis of dictionaries that does what the product's scripts do, line for line. Nothing expires by itself: an entry that lives too long is
/// the harder case, and one that is gone too early is a deletion that the schedule makes.
/// </summary>
internal sealed class MemoryServer : IScriptServer
{
    private SortedDictionary<string, object> _keys = new(StringComparer.Ordinal);
    private string _run = "run0";

    public string Run => _run;

    public Reply Evaluate(RedisScript script, RedisKey[] keys, RedisValue[] values, long now, Action<string> published)
    {
        var names = Array.ConvertAll(keys, key => (string)key!);
        return script == FenceScripts.Raise ? new MemoryFence(this, names, values, now).Raise(published)
            : script == FenceScripts.Sync ? new MemoryFence(this, names, values, now).Sync()
            : script == FenceScripts.Leave ? Leave(names[0], values)
            : script == FenceScripts.Marks ? Marks(names, values)
            : script == FenceScripts.Eviction ? Reply.Of(Reply.Text((string)values[0]!), Reply.Text("noeviction"))
            : script == TierScripts.Read ? MemoryTierScripts.Read(this, names[0], values, now)
            : script == TierScripts.Write ? MemoryTierScripts.Write(this, names[0], values, now)
            : script == TierScripts.Drop ? MemoryTierScripts.Drop(this, names[0], values, now)
            : throw new NotSupportedException($"Script {script.Name} is not simulated.");
    }

    private Reply Marks(string[] names, RedisValue[] values)
    {
        var state = Find<MemoryHash>(names[1]);
        return state?.Text("incarnation") != (string)values[4]! || !(MemoryFence.Number(state.Text("newest")) >= MemoryFence.Number((string)values[5]!))
            ? new Reply.Error("BEHIND this server has not all that was raised")
            : Reply.Of(
                Reply.Text((string)values[3]!),
                Reply.Of(PackedStrings.Pack([.. Find<MemorySet>(names[0])?.All.SelectMany(pair => (string[])[pair.Name, MemoryFence.Text(pair.Score)]) ?? []])), Reply.Text(""), Reply.Text(""));
    }

    public IReadOnlyList<string> Keys(string prefix) => [.. _keys.Keys.Where(key => key.StartsWith(prefix, StringComparison.Ordinal))];

    public void Delete(string key) => _keys.Remove(key);

    public void Trim(string stream) => Find<MemoryStreamKey>(stream)?.TrimHalf();

    public object Save() => new SortedDictionary<string, object>(_keys.ToDictionary(pair => pair.Key, pair => Copy(pair.Value)), StringComparer.Ordinal);

    public void Restart(string run, object? saved)
    {
        _run = run;
        _keys = saved is SortedDictionary<string, object> keys
            ? new SortedDictionary<string, object>(keys.ToDictionary(pair => pair.Key, pair => Copy(pair.Value)), StringComparer.Ordinal)
            : new SortedDictionary<string, object>(StringComparer.Ordinal);
    }

    public bool Exists(string key) => _keys.ContainsKey(key);

    public T? Find<T>(string key)
        where T : class => _keys.TryGetValue(key, out var value) ? value as T : null;

    public T Make<T>(string key)
        where T : class, new()
    {
        if (Find<T>(key) is { } found)
        {
            return found;
        }

        var made = new T();
        _keys[key] = made;
        return made;
    }

    private static object Copy(object value) => value is IMemoryKey key ? key.Copy() : value;

    private Reply.Number Leave(string nodes, RedisValue[] values)
    {
        if (Find<MemoryHash>(nodes) is not { } hash)
        {
            return new Reply.Number(0);
        }

        var gone = values.Count(value => hash.Remove((string)value!));
        DeleteIfEmpty(nodes, hash);
        return new Reply.Number(gone);
    }

    /// <summary>A key without content does not exist.</summary>
    public void DeleteIfEmpty(string key, MemoryHash hash)
    {
        if (hash.Count == 0)
        {
            Delete(key);
        }
    }
}

internal interface IMemoryKey
{
    object Copy();
}

/// <summary>A hash in the order of its fields' first writing, as small ones of Redis are.</summary>
internal sealed class MemoryHash : IMemoryKey
{
    private readonly List<(string Name, byte[] Value)> _fields = [];

    public int Count => _fields.Count;

    public IReadOnlyList<(string Name, byte[] Value)> All => _fields;

    public byte[]? Get(string name)
    {
        var at = Place(name);
        return at < 0 ? null : _fields[at].Value;
    }

    public string? Text(string name) => Get(name) is { } bytes ? Encoding.UTF8.GetString(bytes) : null;

    public void Set(string name, byte[] value)
    {
        var at = Place(name);
        if (at < 0)
        {
            _fields.Add((name, value));
        }
        else
        {
            _fields[at] = (name, value);
        }
    }

    public void Set(string name, string value) => Set(name, Encoding.UTF8.GetBytes(value));

    public bool Remove(string name)
    {
        var at = Place(name);
        if (at >= 0)
        {
            _fields.RemoveAt(at);
        }

        return at >= 0;
    }

    public object Copy()
    {
        var copy = new MemoryHash();
        copy._fields.AddRange(_fields);
        return copy;
    }

    private int Place(string name) => _fields.FindIndex(field => field.Name == name);
}

/// <summary>A sorted set.</summary>
internal sealed class MemorySet : IMemoryKey
{
    private List<(string Name, long Score)> _members = [];

    public int Count => _members.Count;

    public IReadOnlyList<(string Name, long Score)> All => _members;

    public void Add(string name, long score)
    {
        _members.RemoveAll(member => member.Name == name);
        _members.Add((name, score));
        _members = [.. _members.OrderBy(member => member.Score).ThenBy(member => member.Name, StringComparer.Ordinal)];
    }

    /// <summary>Takes the lowest out and gives the score of the last of them.</summary>
    public long PopLowest(int count)
    {
        var last = _members[Math.Min(count, _members.Count) - 1].Score;
        _members.RemoveRange(0, Math.Min(count, _members.Count));
        return last;
    }

    public object Copy()
    {
        var copy = new MemorySet();
        copy._members.AddRange(_members);
        return copy;
    }
}

/// <summary>A stream whose ids are numbers, as the fence's are.</summary>
internal sealed class MemoryStreamKey : IMemoryKey
{
    private readonly List<(long Id, string[] Fields)> _entries = [];

    public long LastId { get; private set; }

    public bool Add(long id, params string[] fields)
    {
        if (id <= LastId)
        {
            return false;
        }

        LastId = id;
        _entries.Add((id, fields));
        return true;
    }

    public IEnumerable<(long Id, string[] Fields)> After(long id) => _entries.Where(entry => entry.Id > id);

    public void TrimHalf() => _entries.RemoveRange(0, (_entries.Count + 1) / 2);

    public object Copy()
    {
        var copy = new MemoryStreamKey { LastId = LastId };
        copy._entries.AddRange(_entries);
        return copy;
    }

    public static Reply Entry((long Id, string[] Fields) entry) => Reply.Of(
        Reply.Text(entry.Id.ToString(CultureInfo.InvariantCulture) + "-0"), Reply.Of(Array.ConvertAll(entry.Fields, Reply.Text)));
}
