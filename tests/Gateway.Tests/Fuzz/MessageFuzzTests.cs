using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CacheGateway.Framing;
using CacheGateway.Invalidation.Events;
using CacheGateway.Invalidation.Redis;
using CacheGateway.Invalidation.Webhooks;
using CacheGateway.Model;
using CacheGateway.Policies;
using CacheGateway.Policies.Lint;
using CacheGateway.Policies.Tags;
using CacheGateway.Storage.Redis;
using CacheGateway.Tests.Framing;
using CacheGateway.Tests.Storage.Redis;
using PolicyText = global::Gateway.Tests.Policies.PolicyText;
using Repository = global::Gateway.Tests.Policies.Repository;

namespace CacheGateway.Tests.Fuzz;

/// <summary>Whole messages from outside: heads, entries of Redis, policy files, webhooks, the bus, bodies that tags are read from.</summary>
public sealed class MessageFuzzTests
{
    private static readonly string[] JsonWords =
    [
        "{", "}", "[", "]", ":", ",", "\"", "null", "true", "-1", "1e999", "\\u0000", "\\ud800", "\"\\ud800\"", "\"tags\"", "\"all\"", "\u00ff", "[[[[[[[[", "\"\"", "//", "/*", "[null]",
    ];

    private static readonly string[] Policies =
    [
        File.ReadAllText(Path.Combine(Repository.Root, "config", "policies.json")),
        """{ "policies": { "a": { "match": { "path": "/a/{id}" }, "ttl": "5m", "tags": ["a:{id}", "$.items[*].id -> p:{}"] } }, "events": { "x.y": ["a:{id}"] }, "cascade": { "a:{id}": ["b"] } }""",
    ];

    [Fact]
    public void RequestHeads_GiveOneVerdict_HoweverTheyAreCut() => Fuzzing.Run(
        "heads",
        [.. Enumerable.Range(0, 40).Select(LegalStream.Of)],
        ["\r\n", "\n", "\r", "\0", " ", "\t", ":", ";", ",", "Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n", "Host: a\r\n", "0\r\n\r\n", "GET / HTTP/1.1\r\n", "+", "FFFFFFFFF", "\u00ff"],
        text =>
        {
            var whole = GuardRun.Of(text);
            var pieces = GuardRun.Of(text, [.. Enumerable.Range(0, text.Length)]);
            Assert.Equal(whole.Fault, pieces.Fault);
            Assert.StartsWith(whole.Shown, text, StringComparison.Ordinal);
            Assert.NotEqual(FramingFault.Disagreement, whole.Fault);
        });

    [Fact]
    [Attack("G02", "Flipped bits and cut values")]
    public void EntriesOfRedis_AreOursOrNothing()
    {
        var recorded = Encoding.Latin1.GetString(Heads.Recorded("head-v1"));
        var codec = new StoredResponseCodec(null);
        Fuzzing.Run("entries", [recorded], ["\0\0\0\0", "\u00ff\u00ff\u00ff\u00ff", "\u007f\u00ff\u00ff\u00ff", Heads.Key.Text, "\r\n", "Set-Cookie"], text =>
        {
            var bytes = Encoding.Latin1.GetBytes(text);
            IsOurs(codec, bytes, isSealed: text == recorded);

            // Whoever can write to Redis can make seals where no key is set.
            var inside = bytes.Length > 32 ? bytes[..^32] : bytes;
            IsOurs(codec, [.. inside, .. SHA256.HashData(inside)], isSealed: true);
        });
    }

    [Fact]
    [Attack("G09", "Types named in a value")]
    public void EntriesOfRedis_NameNoTypes()
    {
        // There is no way from a value's bytes to a type: the reader is written by hand, for one type.
        var codec = new StoredResponseCodec(null);
        foreach (var text in (string[])["{\"$type\":\"System.Diagnostics.Process, System\"}", "\0\u0001\0\0\0\u00ff\u00ff\u00ff\u00ff\u0001\0\0\0", "!!System.Object"])
        {
            var bytes = Encoding.Latin1.GetBytes(text);
            Assert.NotEqual(HeadReading.Ok, codec.Decode([.. bytes, .. SHA256.HashData(bytes)], Heads.Key, out _));
        }
    }

    [Fact]
    [Attack("F16", "A configuration that attacks its reader")]
    public void PolicyFiles_AreReadOrRefusedInWords() => Fuzzing.Run(
        "policies",
        Policies,
        [.. JsonWords, "\"ttl\": \"1d\",", "\"match\"", "\"{*rest}\"", "\"$..[*]\"", "{id}", "{id", "99999999999d", "->"],
        text =>
        {
            var utf8 = text.Any(c => c > '\u007f') ? Encoding.Latin1.GetBytes(text) : Encoding.UTF8.GetBytes(text);
            var (table, errors) = PolicyReader.Read(utf8, "policies.json");
            Assert.Equal(table is null, errors.Count > 0);
            Assert.All(errors, error => Assert.DoesNotContain(error.ToString(), char.IsControl));
            PolicyCheck.Run(utf8, "policies.json", ["x.y"]);
        });

    [Fact]
    [Attack("F08", "A body that reads differently once parsed")]
    public void Webhooks_AreReadOrRefusedInWords() => Fuzzing.Run(
        "webhooks",
        [
            """{"event":"category.saved","id":"01J","data":{"id":7}}""", """{"tags":["a","b"],"urls":["/x"],"prefixes":["/y/"],"soft":true}""",
            """{"type":"x.y","timestamp":"2031-03-04T12:00:00Z","data":{"id":[1,2,{"b":null}]}}""", """{"tags":["a","b"],"match":"all","policies":["p"]}""",
        ],
        JsonWords,
        text =>
        {
            if (!EventMessage.TryParse(Encoding.Latin1.GetBytes(text), out JsonElement root, out var error))
            {
                Assert.NotEmpty(error);
                return;
            }

            if (EventMessage.Of(root) is { } message)
            {
                Assert.InRange(message.Event.Length, 1, 256);
                Assert.True(message.Id is null or { Length: > 0 and <= 256 });
                Assert.All(PolicyReader.Read(Encoding.UTF8.GetBytes(Policies[1]), "x").Table!.Events.TagsFor("x.y", message.Data).Tags, tag => Assert.True(TagText.IsTag(tag)));
                return;
            }

            if (WebhookScope.TryRead(root, out var scope, out var objection))
            {
                Assert.True(ScopeText.TryRead(ScopeText.Write(scope), out var again));
                Assert.Equal(ScopeText.Marks(scope), ScopeText.Marks(again));
                return;
            }

            Assert.NotEmpty(objection);
        });

    [Fact]
    public void ScopesOfTheBus_AreReadOrNameEverything() => Fuzzing.Run(
        "scopes",
        ["""{"t":["product:7"],"u":["http://h/p"],"p":["/api/"],"y":["products"],"e":["a","b"],"a":true,"s":true}""", """{"t":["a"]}""", "htproduct:7", "sa", "hea b", "huhttp://h/p", """{"u":[null]}"""],
        [.. JsonWords, "\"t\"", "\"u\"", "h", "s", "e", "u", "p"],
        text =>
        {
            if (ScopeText.TryRead(text, out var scope))
            {
                Assert.True(ScopeText.IsValid(scope));
                Assert.True(ScopeText.TryRead(ScopeText.Write(scope), out var again));
                Assert.Equal(ScopeText.Marks(scope), ScopeText.Marks(again));
            }

            Assert.True(ScopeText.IsValid(ScopeText.OfMark(text)));
            StreamPlace.Parse(text);
        });

    [Fact]
    public void BodiesThatTagsAreReadFrom_GiveTagsOrNone()
    {
        var policy = PolicyText.Table("{'policies': {'a': {'match': {'path': '/a/{id}'}, 'ttl': '5m', 'tags': ['$.items[*].id -> p:{}', '$.a[0].b -> q:{}']}}}").Policies[0];
        var resource = new ResourceId("http", "gw.test", "/a/1", "a", true);
        Fuzzing.Run("bodies", ["""{"items":[{"id":1},{"id":"x y"},{"id":null}],"a":[{"b":true}]}""", """{"items":{"id":1},"a":[[]]}""", "[]", "{}"], JsonWords, text =>
        {
            var tags = new HashSet<string>();
            if (TagExpansion.TryAddBodyTags(tags, policy, resource, BodySegments.Copy(Encoding.Latin1.GetBytes(text)), Http.Given.With()))
            {
                Assert.All(tags, tag => Assert.True(TagText.IsTag(tag)));
            }
        });
    }

    [Fact]
    public void JsonPaths_OfPolicies_AreReadOrRefused() => Fuzzing.Run(
        "json-paths", ["$.items[*].id", "$.a.b[0].c", "$[*]", "$.x"], ["[*]", "[", "]", ".", "$", "..", "0", "-1", "'", "\"", "99999999999"], text => JsonPath.TryParse(text));

    private static void IsOurs(StoredResponseCodec codec, byte[] bytes, bool isSealed)
    {
        if (codec.Decode(bytes, Heads.Key, out var head) == HeadReading.Ok)
        {
            Assert.True(isSealed);
            Assert.Equal(Heads.Key.Text, head!.Response.Key.ToString());
            Assert.InRange(head.Response.Status, 200, 599);
            Assert.All(head.Response.Headers, field => Assert.DoesNotContain(field.Value, c => c is '\r' or '\n' or '\0'));
        }
    }
}
