using System.Globalization;
using StackExchange.Redis;

namespace CacheGateway.Interleavings.Redis;

/// <summary>The fence's scripts, as <c>FenceScripts</c> has them in Lua: same names, same order. One object is one call.</summary>
internal sealed class MemoryFence
{
    private const long Step = 1024;

    private readonly MemoryServer _server;
    private readonly string[] _keys;
    private readonly string[] _values;
    private readonly long _now;
    private string? _incarnation;
    private long? _floor;
    private long? _newest;
    private bool _isBehind;

    public MemoryFence(MemoryServer server, string[] keys, RedisValue[] values, long now)
    {
        _server = server;
        _keys = keys;
        _values = Array.ConvertAll(values, value => (string)value! ?? "");
        _now = now;
        Prelude();
    }

    public static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    public Reply Raise(Action<string> published)
    {
        var doneKey = _keys.Length > 5 ? _keys[5] : null;
        if (doneKey is not null && _server.Find<MemorySet>(doneKey)?.All.FirstOrDefault(cause => cause.Name == _values[15]) is { Name: not null } found && _now - found.Score <= Long(10) * 1_000_000)
        {
            return Reply.Of(
                Reply.Text(_values[4]), Reply.Text(_incarnation!), Reply.Text(Text(found.Score)), Reply.Text(Text(_newest!.Value)), Reply.Text("done"), Reply.Text("0"), Reply.Text(""));
        }

        var previous = _newest!.Value;
        var epoch = Math.Max(previous + Step, _now);
        if (!Add(epoch, previous))
        {
            Begin();
            previous = _newest!.Value;
            epoch = previous + Step;
            Add(epoch, previous);
        }

        if (_values[7] == "1")
        {
            _floor = epoch;
            _server.Delete(_keys[1]);
            _server.Make<MemorySet>(_keys[1]).Add("", 0);
        }

        var marks = _server.Make<MemorySet>(_keys[1]);
        foreach (var mark in _values.Skip(17))
        {
            marks.Add(mark, epoch);
        }

        var most = int.Parse(_values[9], CultureInfo.InvariantCulture);
        var extra = marks.Count - 1 - most;
        if (extra > 0)
        {
            _floor = Math.Max(_floor!.Value, marks.PopLowest(extra + 1 + (most / 10)));
            marks.Add("", 0);
        }

        var state = State;
        state.Set("newest", Text(epoch));
        state.Set("floor", Text(_floor!.Value));
        if (doneKey is not null)
        {
            var done = _server.Make<MemorySet>(doneKey);
            done.Add(_values[15], epoch);
            if (done.Count > Long(16))
            {
                done.PopLowest(done.Count - (int)Long(16));
            }
        }

        published($"{_incarnation} {Text(epoch)}");
        return Reply.Of(Reply.Text(_values[4]), Reply.Text(_incarnation!), Reply.Text(Text(epoch)), Reply.Text(Text(previous)), Reply.Text(""), Reply.Text("0"), Reply.Text(""));
    }

    public Reply Sync()
    {
        var window = long.Parse(_values[8], CultureInfo.InvariantCulture);
        var nodes = _server.Make<MemoryHash>(_keys[3]);
        if (_values[3] is not ("" or "loss") && _values[3] != _incarnation && State.Text("first") is not null && nodes.Get("forgotten") is null)
        {
            nodes.Set("forgotten", $"{Text(_now)} 0 0 forgotten-by-redis");
        }

        nodes.Set(_values[4], $"{Text(_now)} {_values[1]} {_values[2]} w{_values[8]} {_values[5]}");
        var all = new List<(string Id, (long Seen, string Incarnation, string Applied, string Name) Node, string Name, long Window)>();
        Each((id, node) =>
        {
            var space = node.Name.IndexOf(' ', StringComparison.Ordinal);
            var says = space > 1 && node.Name[0] == 'w' && node.Name.AsSpan(1, space - 1).IndexOfAnyExceptInRange('0', '9') < 0;
            var own = says ? long.Parse(node.Name.AsSpan(1, space - 1), CultureInfo.InvariantCulture) : 0;
            window = Math.Max(window, own);
            all.Add((id, node, says ? node.Name[(space + 1)..] : node.Name, own));
        });
        var live = new List<Reply>();
        foreach (var (id, node, name, own) in all)
        {
            var lives = own > 0 ? own : window;
            if (node.Seen < _now - (10 * lives))
            {
                nodes.Remove(id);
            }
            else if (node.Seen >= _now - lives)
            {
                live.AddRange([Reply.Text(id), Reply.Text(name), Reply.Text(node.Incarnation), Reply.Text(node.Applied)]);
            }
        }

        Reply[] entries = [];
        if (_incarnation == _values[1])
        {
            var after = long.Parse(_values[6].AsSpan(0, _values[6].IndexOf('-', StringComparison.Ordinal)), CultureInfo.InvariantCulture);
            entries = [.. Stream.After(after).Take(int.Parse(_values[7], CultureInfo.InvariantCulture)).Select(MemoryStreamKey.Entry)];
        }

        return Reply.Of(Reply.Text(_values[9]), Reply.Text(_incarnation!), Reply.Text(Text(_floor!.Value)), Reply.Text(Text(_newest!.Value)), Reply.Of(entries), Reply.Of([.. live]));
    }

    private MemoryHash State => _server.Make<MemoryHash>(_keys[0]);

    private bool IsBehind()
    {
        if (_incarnation != _values[1] || _newest is not { } newest)
        {
            return false;
        }

        var applied = Long(2);
        var later = applied < newest ? _server.Find<MemoryStreamKey>(_keys[2])?.After(applied).FirstOrDefault().Fields ?? [] : [];
        var place = Array.IndexOf(later, "p");
        return applied > newest || (place >= 0 && Number(later[place + 1]) < applied);
    }

    private MemoryStreamKey Stream => _server.Make<MemoryStreamKey>(_keys[2]);

    private void Prelude()
    {
        var state = _server.Find<MemoryHash>(_keys[0]);
        _incarnation = Number(state?.Text("incarnation")) > 0 ? state!.Text("incarnation") : null;
        _floor = Epoch(state?.Text("floor"));
        _newest = Epoch(state?.Text("newest"));
        var seen = Number(state?.Text("seen"));
        _isBehind = IsBehind();
        if (_incarnation is null || _floor is null || _newest is null || _floor > _newest || state!.Text("run_id") != _server.Run
            || !Array.TrueForAll(_keys[..4], _server.Exists)
            || _isBehind)
        {
            Begin();
        }
        else if (seen is { } last && (_now < last || _now - last > 2_000_000))
        {
            Each((id, node) => _server.Make<MemoryHash>(_keys[3]).Set(
                id, $"{Text(Math.Max(0, node.Seen + _now - last))} {node.Incarnation} {node.Applied} {node.Name}"));
        }

        State.Set("seen", Text(_now));
    }

    private void Begin()
    {
        var left = Array.Exists(_keys[..4], _server.Exists);
        var known = !_isBehind && _server.Find<MemoryHash>(_keys[3])?.Text("") == _server.Run;
        _newest = Math.Max((_newest ?? 0) + Step, _now);
        _floor = _newest;
        _incarnation = _values[0];
        _server.Delete(_keys[0]);
        _server.Delete(_keys[1]);
        _server.Delete(_keys[2]);
        var state = State;
        state.Set("incarnation", _incarnation);
        state.Set("floor", Text(_floor.Value));
        state.Set("run_id", _server.Run);
        state.Set("newest", Text(_newest.Value));
        state.Set("cursor", Text(Math.Max(0, (_now / 1000) - 60000)) + "-1000000");
        _server.Make<MemorySet>(_keys[1]).Add("", 0);
        Stream.Add(_newest.Value, "v", "1", "p", "0");
        _server.Make<MemoryHash>(_keys[3]).Set("", _server.Run);
        Each((id, node) => _server.Make<MemoryHash>(_keys[3]).Set(id, $"{Text(_now)} 0 0 {node.Name}"));
        if (known)
        {
            return;
        }

        if (left || _values[3].Length > 0)
        {
            _server.Make<MemoryHash>(_keys[3]).Set("forgotten", $"{Text(_now)} 0 0 forgotten-by-redis");
        }
        else
        {
            state.Set("first", "1");
        }
    }

    private bool Add(long epoch, long previous) =>
        Stream.Add(epoch, "v", "1", "p", Text(previous), "n", _values[5], "i", _values[4], "s", _values[6]);

    private void Each(Action<string, (long Seen, string Incarnation, string Applied, string Name)> act)
    {
        foreach (var (id, value) in (_server.Find<MemoryHash>(_keys[3])?.All ?? []).ToArray())
        {
            var parts = System.Text.Encoding.UTF8.GetString(value).Split(' ', 4);
            if (parts.Length == 4)
            {
                act(id, (long.Parse(parts[0], CultureInfo.InvariantCulture), parts[1], parts[2], parts[3]));
            }
        }
    }

    private long Long(int place) => long.Parse(_values[place], CultureInfo.InvariantCulture);

    private static long? Epoch(string? text) => Number(text) is >= 0 and <= 1L << 53 and var epoch ? epoch : null;

    internal static long? Number(string? text) => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;
}
