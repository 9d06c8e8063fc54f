using System.Text.Encodings.Web;
using System.Text.Json;

namespace CacheGateway.Policies.Reading;

/// <summary>Collects what is wrong with one file while it is read.</summary>
internal sealed class PolicyErrors(string file)
{
    /// <summary>Past this a file is not a policy file with mistakes but something else.</summary>
    private const int Most = 100;

    /// <summary>What stands below is secret, and errors are logged.</summary>
    private static readonly string Secrets = Location.Root.Member("tokens").Member("keys").Path;

    private const int LongestValue = 80;
    private const int LongestMessage = 600;

    // Names and values are shown as they were written; only control characters are escaped, so that an error stays one line.
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly List<PolicyError> _errors = [];
    private readonly HashSet<Location> _places = [];
    private int _left;

    public bool Any => _errors.Count > 0;

    /// <summary>Whether something is wrong with a member of what stands there.</summary>
    public bool IsWrongBelow(Location at) => _places.Any(place => place.Policy == at.Policy && place.Path.StartsWith(at.Path + ".", StringComparison.Ordinal));

    /// <summary>What is wrong with the file as a whole.</summary>
    public void Add(string message) => _errors.Add(new PolicyError(file, null, null, null, Line(message, LongestMessage)));

    public void Add(Location at, string message) => Add(at, null, message);

    public void AddValue(Location at, string value, string message) => Add(at, Shorten(JsonSerializer.Serialize(value, Readable)), message);

    /// <summary>A name that stands twice, which is said even where its value is wrong too.</summary>
    /// <param name="at">The later one.</param>
    /// <param name="remedy">What would be right.</param>
    public void AddRepeated(Location at, string remedy) => Record(at, null, $"stands twice; {remedy}", isRepeated: true);

    /// <summary>The file is no JSON from here on.</summary>
    public void AddSyntax(JsonSyntax syntax) => _errors.Add(new PolicyError(file, null, null, null, Line(syntax.Message, LongestMessage)) { Line = syntax.Line });

    public void AddJson(Location at, JsonElement value, string message) => Add(at, Describe(value), message);

    public IReadOnlyList<PolicyError> ToList() =>
        _left == 0 ? _errors : [.. _errors, new PolicyError(file, null, null, null, $"and {_left} more errors")];

    private static string Describe(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        _ => Shorten(value.GetRawText()),
    };

    private static string Shorten(string text, int longest = LongestValue) => text.Length <= longest ? text : string.Concat(text.AsSpan(0, longest), "...");

    /// <summary>Messages and names may quote what was written: it must not break the line.</summary>
    private static string Line(string text, int longest) => string.Concat(Shorten(text, longest).Select(c => char.IsControl(c) ? $"\\u{(int)c:x4}" : $"{c}"));

    private void Add(Location at, string? value, string message)
    {
        // The first error of a place says it; what follows from it says nothing new.
        if (_places.Add(at))
        {
            Record(at, value, message);
        }
    }

    private void Record(Location at, string? value, string message, bool isRepeated = false)
    {
        if (_errors.Count < Most)
        {
            value = at.Policy is null && at.Path.StartsWith(Secrets, StringComparison.Ordinal) ? null : value;
            _errors.Add(new PolicyError(
                file, at.Policy is null ? null : Line(at.Policy, LongestValue), Line(at.Path, LongestMessage), value is null ? null : Line(value, LongestMessage), Line(message, LongestMessage))
            {
                IsRepeated = isRepeated,
                Occurrence = at.Occurrence,
            });
        }
        else
        {
            _left++;
        }
    }
}
