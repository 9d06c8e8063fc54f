using CacheGateway.Model;

namespace CacheGateway.Storage.Redis;

/// <summary>Reads the head that <see cref="StoredResponseCodec"/> draws, once its seal held; null for one that no gateway can have written.</summary>
internal static class StoredHeadReader
{
    public static StoredHead? Read(ReadOnlySpan<byte> bytes, CacheKey key)
    {
        var flags = bytes[3];
        var reader = new WireReader(bytes[StoredResponseCodec.EpochAt..]);
        var epoch = reader.Int64();
        var received = reader.Int64();
        var incarnationStart = reader.Bytes(StoredResponseCodec.IncarnationLength);
        var hash = reader.Bytes(BodyName.HashLength).ToArray();
        var (fieldLength, length, coding, source) = (reader.UInt32(), reader.UInt32(), reader.Byte(), (FreshnessSource)reader.Byte());
        var (status, date, modified) = (reader.UInt16(), reader.Int64(), reader.Int64());
        var freshness = new Freshness
        {
            Lifetime = reader.Int64(),
            Source = source,
            InitialAge = reader.Int64(),
            ReceivedAt = received,
            StaleWhileRevalidate = reader.Int64(),
            StaleIfError = reader.Int64(),
            AlwaysValidate = (flags & StoredResponseCodec.AlwaysValidate) != 0,
            NeverStale = (flags & StoredResponseCodec.NeverStale) != 0,
        };
        var maxAge = reader.Int64();
        if (!reader.Is(key.Text))
        {
            return null;
        }

        var incarnation = reader.Shared();
        var resource = key.Resource;
        if (!reader.Is(resource.Policy) || !reader.Is(resource.Scheme) || !reader.Is(resource.Authority) || !reader.Is(resource.Target))
        {
            return null;
        }

        var route = reader.TextOrNull();
        if (route is not null && !resource.Path.SequenceEqual(route))
        {
            return null;
        }

        var etag = reader.SharedOrNull();
        var directives = reader.SharedOrNull();
        var fields = new HeaderField[reader.Count(8)];
        for (var i = 0; i < fields.Length; i++)
        {
            fields[i] = new HeaderField(reader.Shared(), reader.Shared());
        }

        var vary = new VaryValue[reader.Count(8)];
        for (var i = 0; i < vary.Length; i++)
        {
            vary[i] = new VaryValue(reader.Text(), reader.TextOrNull());
        }

        var tags = new string[reader.Count(4)];
        for (var i = 0; i < tags.Length; i++)
        {
            tags[i] = reader.Text();
        }

        if (!reader.IsAtEnd || !incarnationStart.SequenceEqual(StoredResponseCodec.Short(incarnation)) || !HeadRules.Holds(epoch, received, fieldLength, length, coding)
            || !HeadRules.Holds(freshness) || !HeadRules.Holds(status, date, modified, fields) || !HeadRules.Holds(vary, tags, etag, directives, maxAge))
        {
            return null;
        }

        var response = new StoredResponse(new CacheKey(key.Text, resource with { HasRoute = route is not null }, key.TargetAt))
        {
            Status = status,
            Headers = fields,
            Body = BodySegments.Empty,
            Freshness = freshness,
            Vary = vary,
            Tags = tags,
            Epoch = epoch,
            Incarnation = Incarnation.Number(incarnation),
            ETag = etag,
            ETagGenerated = (flags & StoredResponseCodec.ETagGenerated) != 0,
            LastModified = modified == 0 ? null : new DateTimeOffset(modified, TimeSpan.Zero),
            Date = new DateTimeOffset(date, TimeSpan.Zero),
            ClientCacheControl = directives is null ? null : new ClientCacheControl(directives, maxAge < 0 ? null : maxAge),
            IsSharedExplicitly = (flags & StoredResponseCodec.SharedExplicitly) != 0,
            IsJudgedUnseen = (flags & StoredResponseCodec.JudgedUnseen) != 0,
            ModifiedStrength = (flags & StoredResponseCodec.ModifiedLongBefore) != 0 ? DateStrength.Minute
                : (flags & StoredResponseCodec.ModifiedBefore) != 0 ? DateStrength.Second
                : DateStrength.Weak,
        };
        return new StoredHead(response, incarnation, received, new BodyName(hash, (int)fieldLength, (int)length, (BodyCoding)coding));
    }
}
