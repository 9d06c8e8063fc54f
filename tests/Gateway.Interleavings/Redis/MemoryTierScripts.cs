using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using StackExchange.Redis;

namespace CacheGateway.Interleavings.Redis;

/// <summary>The shared tier's scripts, as <c>TierScripts</c> has them in Lua. Keys are hashes or absent: nobody else writes here.</summary>
internal static class MemoryTierScripts
{
    private const int NameLength = 32;
    private const int IndexEntry = NameLength + 8;

    public static Reply Read(MemoryServer server, string key, RedisValue[] fields, long now)
    {
        var hash = server.Find<MemoryHash>(key);
        return Answer(key, now, Reply.Of(Array.ConvertAll(fields, field => Reply.Of(hash?.Get((string)field!)))));
    }

    public static Reply Write(MemoryServer server, string key, RedisValue[] values, long now)
    {
        var (name, head, body, mode, spec) = ((string)values[0]!, (byte[])values[1]!, (byte[])values[2]! ?? [], (string)values[3]!, (string)values[4]! ?? "");
        var time = now / 1000;
        if (Math.Abs(time - (long)values[5]) > 1000)
        {
            return Answer(key, now, Reply.Text("clock"));
        }

        var hash = server.Find<MemoryHash>(key);
        var was = hash?.Get("h:" + name);
        if (was is { Length: >= 60 } && was.AsSpan(0, 3).SequenceEqual(head.AsSpan(0, 3)))
        {
            var (epoch, at) = Place(was);
            var (mine, mineAt) = Place(head);
            var same = was.AsSpan(20, 8).SequenceEqual(head.AsSpan(20, 8));
            if ((same && epoch > mine) || ((!same || epoch == mine) && at > mineAt && at <= time + 1000))
            {
                return Answer(key, now, Reply.Text("newer"));
            }
        }

        if (mode == "head" && !(was is not null && was.AsSpan(28, 32).SequenceEqual(head.AsSpan(28, 32)) && hash!.Get("b:" + name) is not null))
        {
            return Answer(key, now, Reply.Text("body"));
        }

        hash ??= server.Make<MemoryHash>(key);
        var specs = Specs(hash.Text("v") ?? spec, spec);
        var index = Index(hash, name, time, time + (long)values[6], (int)values[7]);
        hash.Set("v", specs);
        hash.Set("i", index);
        hash.Set("h:" + name, head);
        if (mode == "whole")
        {
            if (body.Length > 0)
            {
                hash.Set("b:" + name, body);
            }
            else
            {
                hash.Remove("b:" + name);
            }
        }

        return Answer(key, now, Reply.Text("written"));
    }

    public static Reply Drop(MemoryServer server, string key, RedisValue[] values, long now)
    {
        var (what, name, was) = ((string)values[0]!, (string)values[1]! ?? "", values[2]);
        if (server.Find<MemoryHash>(key) is not { } hash)
        {
            return Answer(key, now, new Reply.Number(0));
        }

        var head = hash.Get("h:" + name);
        var isMeant = what switch
        {
            "spec" => Sha1(hash.Get("v"), null) == (string)was!,
            "variant" => Sha1(head, hash.Get("b:" + name)) == (string)was!,
            "older" => head is { Length: >= 60 } && IsNotLater(Place(head), (byte[])was!),
            _ => false,
        };
        if (!isMeant)
        {
            return Answer(key, now, new Reply.Number(0));
        }

        if (what == "spec")
        {
            server.Delete(key);
            return Answer(key, now, new Reply.Number(1));
        }

        var done = (hash.Remove("h:" + name) ? 1 : 0) + (hash.Remove("b:" + name) ? 1 : 0);
        server.DeleteIfEmpty(key, hash);
        return Answer(key, now, new Reply.Number(done));
    }

    private static Reply Answer(string key, long now, Reply rest) => Reply.Of(Reply.Text(key), new Reply.Number(now / 1000), rest);

    private static (long Epoch, long At) Place(byte[] head) =>
        (BinaryPrimitives.ReadInt64BigEndian(head.AsSpan(4)), BinaryPrimitives.ReadInt64BigEndian(head.AsSpan(12)));

    private static bool IsNotLater((long Epoch, long At) place, byte[] limit)
    {
        var most = BinaryPrimitives.ReadInt64BigEndian(limit);
        return place.Epoch < most || (place.Epoch == most && place.At <= BinaryPrimitives.ReadInt64BigEndian(limit.AsSpan(8)));
    }

    private static string Specs(string old, string spec)
    {
        var specs = new List<string> { spec };
        foreach (var line in old.Split('\n'))
        {
            if (line != spec && specs.Count < 4)
            {
                specs.Add(line);
            }
        }

        return string.Join('\n', specs);
    }

    private static byte[] Index(MemoryHash hash, string name, long time, long till, int most)
    {
        var kept = new List<(string Name, long Use)>();
        var gone = new List<string>();
        var index = hash.Get("i") ?? [];
        for (var at = 0; at + IndexEntry <= index.Length; at += IndexEntry)
        {
            var other = Encoding.ASCII.GetString(index, at, NameLength);
            var use = BinaryPrimitives.ReadInt64BigEndian(index.AsSpan(at + NameLength));
            if (other != name)
            {
                if (use > time)
                {
                    kept.Add((other, use));
                }
                else
                {
                    gone.Add(other);
                }
            }
        }

        kept.Add((name, till));
        while (kept.Count > most)
        {
            gone.Add(kept[0].Name);
            kept.RemoveAt(0);
        }

        foreach (var other in gone)
        {
            hash.Remove("h:" + other);
            hash.Remove("b:" + other);
        }

        var bytes = new byte[kept.Count * IndexEntry];
        for (var i = 0; i < kept.Count; i++)
        {
            Encoding.ASCII.GetBytes(kept[i].Name, bytes.AsSpan(i * IndexEntry));
            BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan((i * IndexEntry) + NameLength), kept[i].Use);
        }

        return bytes;
    }

    [SuppressMessage("Security", "CA5350", Justification = "As the scripts have it.")]
    private static string Sha1(byte[]? first, byte[]? second) => Convert.ToHexString(SHA1.HashData([.. first ?? [], .. second ?? []])).ToLower(CultureInfo.InvariantCulture);
}
