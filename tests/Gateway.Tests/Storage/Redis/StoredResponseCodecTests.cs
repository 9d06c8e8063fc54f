using CacheGateway.Model;
using CacheGateway.Storage.Redis;

namespace CacheGateway.Tests.Storage.Redis;

public sealed class StoredResponseCodecTests
{
    private readonly StoredResponseCodec _codec = new(null);
    private readonly StoredResponseCodec _signing = new(Heads.SigningKey);

    [Theory]
    [InlineData("head-v1", null)]
    [InlineData("head-v1-signed", Heads.SigningKey)]
    public void RecordedHead_OfVersion1_IsReadAndWrittenByteForByte(string file, string? signingKey)
    {
        var codec = new StoredResponseCodec(signingKey);
        var recorded = Heads.Recorded(file);

        Assert.Equal(HeadReading.Ok, codec.Decode(recorded, Heads.Key, out var head));
        Assert.Equal(recorded, codec.Encode(head!));
        var (expected, read) = (Heads.Head().Response, head!.Response);
        Assert.Equal(("life-1", 1_700_000_000_123), (head.Incarnation, head.ReceivedAt));
        Assert.Equal(expected.Resource, read.Resource);
        Assert.Equal(expected.Headers, read.Headers);
        Assert.Equal(expected.Vary, read.Vary);
        Assert.Equal(expected.Tags, read.Tags);
        Assert.Equal(expected.Freshness, read.Freshness);
        Assert.Equal(expected.ClientCacheControl, read.ClientCacheControl);
        Assert.Equal((expected.Key.ToString(), expected.Status, expected.Epoch, expected.ETag, expected.ETagGenerated), (read.Key.ToString(), read.Status, read.Epoch, read.ETag, read.ETagGenerated));
        Assert.Equal((expected.LastModified, expected.Date, expected.IsSharedExplicitly), (read.LastModified, read.Date, read.IsSharedExplicitly));
        Assert.Equal(Heads.Body, BodyCodec.Decode(Heads.Body, head.Body)!.Value.ToArray());
    }

    [Theory]
    [InlineData(DateStrength.Weak)]
    [InlineData(DateStrength.Second)]
    [InlineData(DateStrength.Minute)]
    public void StrengthOfTheDate_IsKept(DateStrength strength)
    {
        var head = Heads.Head(plain => new StoredResponse(plain.Key.ToKey())
        {
            Status = plain.Status,
            Headers = plain.Headers,
            Body = plain.Body,
            Freshness = plain.Freshness,
            Epoch = plain.Epoch,
            LastModified = plain.LastModified,
            Date = plain.Date,
            ModifiedStrength = strength,
        });

        Assert.Equal(HeadReading.Ok, _codec.Decode(_codec.Encode(head), Heads.Key, out var read));
        Assert.Equal(strength, read!.Response.ModifiedStrength);
        Assert.False(read.Response.IsJudgedUnseen);
    }

    /// <summary>Another node could not know, and would code it.</summary>
    [Fact]
    public void WhatStaysAsItIs_IsNotWritten() => Assert.Null(_codec.Encode(Heads.Head(plain => new StoredResponse(plain.Key.ToKey())
    {
        Status = plain.Status,
        Headers = plain.Headers,
        Body = plain.Body,
        Freshness = plain.Freshness,
        Epoch = plain.Epoch,
        Date = plain.Date,
        StaysAsItIs = true,
    })));

    [Theory]
    [Attack("G02", "Flipped bits and cut values")]
    [InlineData("head-v1", null)]
    [InlineData("head-v1-signed", Heads.SigningKey)]
    public void EveryTruncation_AndEveryFlippedBit_IsNoHead(string file, string? signingKey)
    {
        var codec = new StoredResponseCodec(signingKey);
        var recorded = Heads.Recorded(file);

        for (var length = 0; length < recorded.Length; length++)
        {
            Assert.NotEqual(HeadReading.Ok, codec.Decode(recorded.AsSpan(0, length), Heads.Key, out _));
        }

        Assert.Equal(HeadReading.Corrupt, codec.Decode([.. recorded, 0], Heads.Key, out _));
        for (var bit = 0; bit < recorded.Length * 8; bit++)
        {
            var damaged = (byte[])recorded.Clone();
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.NotEqual(HeadReading.Ok, codec.Decode(damaged, Heads.Key, out _));
        }
    }

    /// <summary>Behind the seal too: a forger without a key to fear can make seals.</summary>
    [Fact]
    [Attack("G02", "Flipped bits and cut values")]
    [Attack("A16", "Hashes that collide")]
    public void EveryFlippedBit_UnderAFreshSeal_NeverThrowsAndNeverGivesAnotherKey()
    {
        var recorded = Heads.Recorded("head-v1");
        for (var bit = 0; bit < (recorded.Length - 32) * 8; bit++)
        {
            var forged = recorded[..^32];
            forged[bit / 8] ^= (byte)(1 << (bit % 8));
            byte[] sealedAgain = [.. forged, .. System.Security.Cryptography.SHA256.HashData(forged)];

            if (_codec.Decode(sealedAgain, Heads.Key, out var head) == HeadReading.Ok)
            {
                Assert.Equal(Heads.Key.Text, head!.Response.Key.ToString());
                Assert.InRange(head.Response.Status, 200, 599);
                Assert.All(head.Response.Headers, field => Assert.DoesNotContain(field.Value, c => c is '\r' or '\n' or '\0'));
            }
        }
    }

    [Fact]
    [Attack("G08", "Values that claim to be huge")]
    public void RandomBytes_BehindAValidSeal_NeverThrow()
    {
        var random = new Random(7);
        for (var i = 0; i < 10_000; i++)
        {
            var bytes = new byte[random.Next(0, 400)];
            random.NextBytes(bytes);
            byte[] forged = [(byte)'C', (byte)'G', 1, 0, .. bytes];
            Assert.Equal(HeadReading.Corrupt, _codec.Decode([.. forged, .. System.Security.Cryptography.SHA256.HashData(forged)], Heads.Key, out _));
        }
    }

    [Fact]
    public void AnotherVersion_IsUnknown_NotCorrupt()
    {
        var recorded = Heads.Recorded("head-v1");
        recorded[2] = 2;

        Assert.Equal(HeadReading.Unknown, _codec.Decode(recorded, Heads.Key, out _));
    }

    [Fact]
    public void TheEntryOfAnotherKey_IsCorrupt() =>
        Assert.Equal(HeadReading.Corrupt, _codec.Decode(Heads.Recorded("head-v1"), Heads.KeyOf(Heads.Key.Text + "y"), out _));

    [Theory]
    [InlineData("/caf\u00e9", "/caf\u00e9", true)]
    [InlineData("/caf\u00e9", "/cafe", false)]
    [InlineData("/x", "/X", false)]
    [InlineData("/x", "/xy", false)]
    public void TargetOfAHead_IsTheOneAskedFor(string stored, string asked, bool isRead) =>
        Assert.Equal(isRead ? HeadReading.Ok : HeadReading.Corrupt, _codec.Decode(Of(stored), KeyOf(asked), out _));

    /// <summary>Keys are compared as texts: half a surrogate pair, which UTF-8 cannot hold, is not the character that others put in its place.</summary>
    [Fact]
    public void HalfASurrogatePair_IsNotItsReplacement() =>
        Assert.Equal(HeadReading.Corrupt, _codec.Decode(Of("/\ufffd"), KeyOf("/\ud800"), out _));

    /// <summary>Whatever the text of the key says: an invalidation finds the response by these.</summary>
    [Theory]
    [InlineData("https", "shared.test", "default")]
    [InlineData("http", "other.test", "default")]
    [InlineData("http", "shared.test", "other")]
    public void AnotherResource_UnderTheSameKey_IsCorrupt(string scheme, string authority, string policy)
    {
        var asked = new CacheKey(Heads.Key.Text, new ResourceId(scheme, authority, "/x", policy, HasRoute: true), Heads.Key.TargetAt);

        Assert.Equal(HeadReading.Corrupt, _codec.Decode(Heads.Recorded("head-v1"), asked, out _));
    }

    [Fact]
    [Attack("G01", "Values put in by another")]
    public void ASigningGateway_TakesNothingUnsigned_NorSignedByAnother()
    {
        Assert.Equal(HeadReading.Corrupt, _signing.Decode(Heads.Recorded("head-v1"), Heads.Key, out _));
        Assert.Equal(HeadReading.Corrupt, new StoredResponseCodec("another").Decode(Heads.Recorded("head-v1-signed"), Heads.Key, out _));
        Assert.Equal(HeadReading.Corrupt, _codec.Decode(Heads.Recorded("head-v1-signed"), Heads.Key, out _));
    }

    /// <summary>The key is changed while gateways run: first all verify both, then the new one signs, then the old one goes.</summary>
    [Fact]
    public void SeveralKeys_TheFirstSigns_AllVerify()
    {
        var recorded = Heads.Recorded("head-v1-signed");
        var changing = new StoredResponseCodec("new", "older", Heads.SigningKey);
        Assert.Equal(HeadReading.Ok, changing.Decode(recorded, Heads.Key, out var head));

        var signed = changing.Encode(head!)!;
        Assert.Equal(HeadReading.Ok, changing.Decode(signed, Heads.Key, out _));
        Assert.Equal(HeadReading.Ok, new StoredResponseCodec(Heads.SigningKey, "new").Decode(signed, Heads.Key, out _));
        Assert.Equal(HeadReading.Ok, new StoredResponseCodec("new").Decode(signed, Heads.Key, out _));
        Assert.Equal(HeadReading.Corrupt, _signing.Decode(signed, Heads.Key, out _));
        recorded[^1] ^= 1;
        Assert.Equal(HeadReading.Corrupt, changing.Decode(recorded, Heads.Key, out _));
        Assert.Equal(HeadReading.Corrupt, changing.Decode(Heads.Recorded("head-v1"), Heads.Key, out _));
    }

    public static TheoryData<string> Forbidden => ["crlf", "nul", "status", "informational", "not-modified", "framing", "name", "tag"];

    [Theory]
    [Attack("G01", "Values put in by another")]
    [MemberData(nameof(Forbidden))]
    public void WhatAnOriginMayNotSay_AStoredHeadMayNotEither(string what)
    {
        var head = Heads.Head(response => Forged(response, what));

        Assert.Equal(HeadReading.Corrupt, _codec.Decode(_codec.Encode(head), Heads.Key, out _));
        Assert.Equal(HeadReading.Ok, _codec.Decode(_codec.Encode(Heads.Head(response => Forged(response, "nothing"))), Heads.Key, out _));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Body_GoesThroughItsField(bool compressible)
    {
        var bytes = new byte[100_000];
        if (!compressible)
        {
            new Random(1).NextBytes(bytes);
        }

        var (field, name) = BodyCodec.Encode(BodySegments.Copy(bytes), isCompressed: false)!.Value;

        Assert.Equal(compressible ? BodyCoding.Brotli : BodyCoding.None, name.Coding);
        Assert.Equal(bytes, BodyCodec.Decode(field, name)!.Value.ToArray());
        field[^1] ^= 1;
        Assert.Null(BodyCodec.Decode(field, name));
        Assert.Null(BodyCodec.Decode(field[..^1], name));
        Assert.Null(BodyCodec.Decode(null, name));
    }

    [Fact]
    [Attack("G08", "Values that claim to be huge")]
    [Attack("E06", "Bodies that inflate")]
    public void CompressedBody_ThatGrowsPastItsLength_IsRefused()
    {
        var (field, name) = BodyCodec.Encode(BodySegments.Copy(new byte[100_000]), isCompressed: false)!.Value;

        Assert.Null(BodyCodec.Decode(field, name with { Length = 99_999 }));
        Assert.Null(BodyCodec.Decode(field, name with { Length = 100_001 }));
    }

    [Fact]
    public void TooLargeBodies_HaveNoField()
    {
        var random = new byte[BodyCodec.MaxField + 1];
        new Random(1).NextBytes(random);

        Assert.Null(BodyCodec.Encode(BodySegments.Copy(random), isCompressed: false));
        Assert.Null(BodyCodec.Encode(BodySegments.Copy(new byte[BodyCodec.MaxField + 1]), isCompressed: true));
        Assert.NotNull(BodyCodec.Encode(BodySegments.Copy(new byte[BodyCodec.MaxField + 1]), isCompressed: false));
    }

    private static StoredResponse Forged(StoredResponse response, string what) => new(response.Key.ToKey())
    {
        Status = what switch { "status" => 999, "informational" => 103, "not-modified" => 304, _ => 200 },
        Headers = what switch
        {
            "crlf" => [new("X", "a\r\nSet-Cookie: b=c")],
            "nul" => [new("X", "a\0")],
            "framing" => [new("Transfer-Encoding", "chunked")],
            "name" => [new("X Y", "a")],
            _ => [],
        },
        Tags = what == "tag" ? ["a b"] : [],
        Body = response.Body,
        Freshness = response.Freshness,
        Epoch = response.Epoch,
        Date = response.Date,
    };

    private static CacheKey KeyOf(string target) => new("v1|" + target, new ResourceId("http", "shared.test", target, "default", HasRoute: false), 3);

    private byte[]? Of(string target)
    {
        var head = Heads.Head();
        var of = head.Response;
        return _codec.Encode(head with
        {
            Response = new StoredResponse(KeyOf(target)) { Freshness = of.Freshness, Headers = [], Body = BodySegments.Empty, Status = 200, Date = of.Date, Epoch = of.Epoch },
        });
    }
}
