using System.Text.Json;

namespace CacheGateway.Policies.Reading;

/// <summary>On which line of a policy file each place stands. A file that breaks off is known up to there.</summary>
internal sealed class LineIndex
{
    private readonly Dictionary<Location, int> _lines = [];

    /// <summary>How often a member stood there before, where it does so once more.</summary>
    private readonly Dictionary<Location, int> _repeated = [];
    private int _last = 1;

    private LineIndex()
    {
    }

    public static LineIndex Of(ReadOnlySpan<byte> utf8)
    {
        var index = new LineIndex();
        index.Read(utf8[PolicyReader.TextStart(utf8)..]);
        return index;
    }

    /// <summary>The line of the place, or of the nearest one around it; where no place is named, the one where the file breaks off.</summary>
    public int? LineOf(string? policy, string? path, string occurrence = "")
    {
        if (path is null)
        {
            return _last > 1 ? _last : null;
        }

        while (true)
        {
            if (_lines.TryGetValue(new Location(policy, path) { Occurrence = occurrence }, out var line))
            {
                return line;
            }

            var end = path.LastIndexOfAny(['.', '[']);
            if (end <= 0)
            {
                return _lines.TryGetValue((policy is null ? Location.Root : Location.OfPolicy(policy)) with { Occurrence = occurrence }, out line) ? line : null;
            }

            path = path[..end];
        }
    }

    /// <summary>The errors of the file with their lines; what stands twice with that of the later one, and where the first is.</summary>
    public IReadOnlyList<PolicyError> Locate(IReadOnlyList<PolicyError> errors) => [.. errors.Select(Locate)];

    private PolicyError Locate(PolicyError error)
    {
        if (error.Line is not null || error.Path is null)
        {
            return error;
        }

        var at = new Location(error.Policy, error.Path) { Occurrence = error.Occurrence };
        var line = LineOf(error.Policy, error.Path, error.Occurrence);
        return error.IsRepeated ? error with { Line = line, Message = $"{error.Message}; first at line {LineOf(error.Policy, error.Path, at.First.Occurrence)}" }
            : error with { Line = line };
    }

    private void Read(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = PolicyReader.MaxDepth });
        var open = new Stack<(Location At, int Items)>();
        var member = Location.Root;
        var counted = 0L;
        try
        {
            while (reader.Read())
            {
                _last += utf8[(int)counted..(int)reader.TokenStartIndex].Count((byte)'\n');
                counted = reader.TokenStartIndex;
                if (reader.TokenType == JsonTokenType.PropertyName)
                {
                    var name = reader.GetString() ?? "";
                    var parent = open.Peek().At;
                    member = parent with { Occurrence = "" } == Policies ? Location.OfPolicy(name) with { Occurrence = parent.Occurrence } : parent.Member(name);
                    if (!_lines.TryAdd(member, _last))
                    {
                        _repeated[member] = _repeated.GetValueOrDefault(member) + 1;
                        member = member.Again(_repeated[member]);
                        _lines[member] = _last;
                    }

                    continue;
                }

                if (reader.TokenType is JsonTokenType.EndObject or JsonTokenType.EndArray)
                {
                    open.Pop();
                    continue;
                }

                var at = member;
                if (open.TryPeek(out var around) && around.Items >= 0)
                {
                    open.Pop();
                    open.Push(around with { Items = around.Items + 1 });
                    at = around.At.Item(around.Items);
                }

                _lines.TryAdd(at, _last);
                if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
                {
                    open.Push((at, reader.TokenType == JsonTokenType.StartArray ? 0 : -1));
                }
            }
        }
        catch (JsonException error)
        {
            _last = (int)(error.LineNumber ?? 0) + 1;
        }
        catch (InvalidOperationException)
        {
            // A name that is no text: the reader of the file says so, and what follows keeps the lines found so far.
        }
    }

    private static Location Policies { get; } = Location.Root.Member("policies");
}
