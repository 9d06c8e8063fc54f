using System.Text;
using CacheGateway.Framing;
using CacheGateway.Invalidation.Events;
using CacheGateway.Invalidation.Redis;
using CacheGateway.Invalidation.Webhooks;
using CacheGateway.Policies;
using CacheGateway.Policies.Tags;
using CacheGateway.Storage.Redis;
using CacheGateway.Tests.Framing;
using CacheGateway.Tests.Storage.Redis;
using Repository = global::Gateway.Tests.Policies.Repository;

namespace CacheGateway.Tests.Fuzz;

/// <summary>Whole messages from outside: heads, entries of Redis, policy files, webhooks, the bus.</summary>
public sealed class MessageFuzzTests
{
    private static readonly string[] JsonWords = ["{", "}", "[", "]", ":", ",", "\"", "null", "true", "-1", "1e999", "\\u0000", "\\ud800", "\"tags\"", "\"all\"", "\u00ff", "[[[[[[[[", "\"\"", "//", "/*"];

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
        Fuzzing.Run("entries", [recorded], ["\0\0\0\0", "\u00ff\u00ff\u00ff\u00ff", "\u007f\u00ff\u00ff\u00ff", Heads.Key, "\r\n", "Set-Cookie"], text =>
        {
            var bytes = Encoding.Latin1.GetBytes(text);
            Check(codec, bytes, isSealed: text == recorded);

            // Whoever can write to Redis can make seals where no key is set.
            var inside = bytes.Length > 32 ? bytes[..^32] : bytes;
            Check(codec, [.. inside, .. System.Security.Cryptography.SHA256.HashData(inside)], isSealed: true);
        });
    }

    [Fact]
    [Attack("F16", "A configuration that attacks its reader")]
    public void PolicyFiles_AreReadOrRefusedInWords() => Fuzzing.Run(
        "policies",
        [File.ReadAllText(Path.Combine(Repository.Root, "config", "policies.json")), """{ "policies": { "a": { "match": { "path": "/a/{id}" }, "ttl": "5m", "tags": ["a:{id}", "$.items[*].id -> p:{}"] } }, "events": { "x.y": ["a:{id}"] }, "cascade": { "a:{id}": ["b"] } }"""],
        [.. JsonWords, "\"ttl\": \"1d\",", "\"match\"", "\"{*rest}\"", "\"$..[*]\"", "{id}", "{id", "99999999999d", "->"],
        text =>
        {
            var (table, errors) = PolicyReader.Read(Encoding.UTF8.GetBytes(text), "policies.json");
            Assert.Equal(table is null, errors.Count > 0);
            Assert.All(errors, error => Assert.NotEmpty(error.ToString()));
        });

    [Fact]
    [Attack("F08", "A body that reads differently once parsed")]
    public void Webhooks_AreReadOrRefusedInWords() => Fuzzing.Run(
        "webhooks",
        ["""{"event":"category.saved","data":{"id":7}}""", """{"tags":["a","b"],"urls":["/x"],"prefixes":["/y/"],"soft":true}""", """{"type":"x","timestamp":"2031-03-04T12:00:00Z","data":{"a":[1,2,{"b":null}]}}"""],
        JsonWords,
        text =>
        {
            if (!EventMessage.TryParse(Encoding.Latin1.GetBytes(text), out System.Text.Json.JsonElement root, out var error))
            {
                Assert.NotEmpty(error);
                return;
            }

            if (EventMessage.Of(root) is null && !WebhookScope.TryRead(root, out _, out var objection))
            {
                Assert.NotEmpty(objection);
            }
        });

    [Fact]
    public void ScopesOfTheBus_AreReadOrNameEverything() => Fuzzing.Run(
        "scopes",
        ["""{"t":["product:7"],"u":["http://h/p"],"p":["/api/"],"y":["products"],"e":["a","b"],"a":true,"s":true}""", """{"t":["a"]}""", "htproduct:7", "sa", "hea b", "huhttp://h/p"],
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
    public void JsonPaths_OfPolicies_EndOnAnyDocument() => Fuzzing.Run(
        "json-paths", ["$.items[*].id", "$.a.b[0].c", "$[*]", "$.x"], ["[*]", "[", "]", ".", "$", "..", "0", "-1", "'", "\"", "99999999999"], text => JsonPath.TryParse(text));

    private static void Check(StoredResponseCodec codec, byte[] bytes, bool isSealed)
    {
        if (codec.Decode(bytes, Heads.Key, out var head) == HeadReading.Ok)
        {
            Assert.True(isSealed);
            Assert.Equal(Heads.Key, head!.Response.Key);
            Assert.InRange(head.Response.Status, 200, 599);
            Assert.All(head.Response.Headers, field => Assert.DoesNotContain(field.Value, c => c is '\r' or '\n' or '\0'));
        }
    }
}
