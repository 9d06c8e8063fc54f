using System.Text.Json;
using System.Text.RegularExpressions;
using System.Text.Unicode;
using CacheGateway.Diagnostics.Traffic;
using CacheGateway.Model;
using CacheGateway.Policies.Compiling;
using CacheGateway.Policies.Document;
using CacheGateway.Policies.Reading;

namespace CacheGateway.Policies;

/// <summary>
/// Reads policies.json: strict JSON (no comments, no trailing commas, so that every other tool reads it alike), every error at once,
/// a table only when there is none.
/// </summary>
public static partial class PolicyReader
{
    public const int MaxBytes = 8 * 1024 * 1024;

    internal const int MaxDepth = 64;

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>Where the text of a file begins: behind the byte order mark that some editors write.</summary>
    internal static int TextStart(ReadOnlySpan<byte> utf8) => utf8.StartsWith(ByteOrderMark) ? ByteOrderMark.Length : 0;

    /// <param name="utf8">The file, with or without a byte order mark.</param>
    /// <param name="fileName">Stands at the beginning of each error, which has its line.</param>
    public static (CachePolicyTable? Table, IReadOnlyList<PolicyError> Errors) Read(ReadOnlySpan<byte> utf8, string fileName)
    {
        var (_, table, errors) = ReadWhole(utf8, fileName);
        return (table, errors.Count == 0 || utf8.Length > MaxBytes ? errors : LineIndex.Of(utf8).Locate(errors));
    }

    /// <summary>As <see cref="Read"/>, with the sections as they are written beside the table; both null when there is an error.</summary>
    internal static (PolicyDocument? Document, CachePolicyTable? Table, IReadOnlyList<PolicyError> Errors) ReadWhole(ReadOnlySpan<byte> utf8, string fileName)
    {
        var errors = new PolicyErrors(fileName);
        using var json = Parse(utf8, errors);
        var document = json is null ? null : new ShapeReader(errors).ReadSection<PolicyDocument>(json.RootElement, Location.Root);
        var table = document is null ? null : Compile(document, errors);
        return errors.Any ? (null, null, errors.ToList()) : (document, table, []);
    }

    /// <summary>Strict JSON; null, and said why, where it is none.</summary>
    internal static JsonDocument? Parse(ReadOnlySpan<byte> utf8, PolicyErrors errors)
    {
        if (utf8.Length > MaxBytes)
        {
            errors.Add($"must not be larger than {MaxBytes / 1024 / 1024} MB");
            return null;
        }

        if (!Utf8.IsValid(utf8))
        {
            errors.Add("must be UTF-8");
            return null;
        }

        var options = new JsonReaderOptions { MaxDepth = MaxDepth };
        var text = utf8[TextStart(utf8)..];
        var reader = new Utf8JsonReader(text, options);
        try
        {
            var document = JsonDocument.ParseValue(ref reader);

            // Throws unless only white space follows.
            reader.Read();
            return document;
        }
        catch (JsonException error)
        {
            errors.AddSyntax(JsonSyntax.Of(error, text, options));
            return null;
        }
    }

    private static CachePolicyTable Compile(PolicyDocument document, PolicyErrors errors)
    {
        var compiler = new PolicyCompiler(errors, document.Defaults ?? new CommonSection(), document.Tokens is not null);
        var policies = new List<CachePolicy>();
        foreach (var (name, section) in document.Policies ?? new Dictionary<string, PolicySection>())
        {
            if (name == TrafficRecorder.NoPolicy)
            {
                errors.Add(Location.Root.Member("policies").Member(name), $"\"{name}\" means no policy at all; choose another name");
            }
            else if (!PolicyName().IsMatch(name))
            {
                errors.Add(Location.Root.Member("policies").Member(name), "a policy's name must be 1 to 64 letters, digits, _ . or -");
            }

            policies.AddRange(compiler.Compile(name, section));
        }

        var events = new EventCompiler(errors);
        return new CachePolicyTable(policies)
        {
            Plain = compiler.Compile("new", new PolicySection { Ttl = "60s" }).Single(),
            Enabled = document.Enabled ?? true,
            Version = document.Version ?? 1,
            Events = events.Events(document.Events),
            Cascades = events.Cascade(document.Cascade),
            EventRules = EventCompiler.NameOf(document.Events, document.Cascade),
            Tokens = new TokenCompiler(errors).Compile(document.Tokens),
        };
    }

    [GeneratedRegex("^[A-Za-z0-9_.-]{1,64}\\z")]
    private static partial Regex PolicyName();
}
