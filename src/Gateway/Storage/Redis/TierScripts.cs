namespace CacheGateway.Storage.Redis;

/// <summary>
/// The scripts of the tier. Each touches one key, a hash, drawn:
/// <code>
/// v         the vary specs (<see cref="VarySpec"/>)
/// i         the variants, the latest written last: 32 name, 8 until when it is of use (ms of Redis' clock)
/// h:{name}  the head of a variant (<see cref="StoredResponseCodec"/>)
/// b:{name}  its body; none where it is empty
/// </code>
/// Parameters only as KEYS and ARGV: no text from outside is ever part of a script. Every answer begins with the key it is about
/// and Redis' time in milliseconds.
/// </summary>
internal static class TierScripts
{
    /// <summary>KEYS: entry. ARGV: fields. Gives time and their values, or time and "type" where the key is no hash.</summary>
    public static readonly RedisScript Read = new("read", """
        local t = redis.call('TIME')
        local now = t[1] * 1000 + math.floor(t[2] / 1000)
        local values = redis.pcall('HMGET', KEYS[1], unpack(ARGV))
        if values.err then
          if not string.find(values.err, 'WRONGTYPE', 1, true) then return values end
          return {KEYS[1], now, 'type'}
        end
        return {KEYS[1], now, values}
        """);

    /// <summary>
    /// KEYS: entry. ARGV: name, head, body ("" = none), "whole" or "head", spec, writer's idea of Redis' time, ms of use, most variants.
    /// Gives time and what happened: "written", "newer" (what is there was fetched later: by epoch, then by time; across incarnations by time
    /// alone), "body" (a head alone, and its body is not there), "clock" (the writer's idea of the time is off).
    /// </summary>
    public static readonly RedisScript Write = new("write", """
        local key, name, head, body, mode, spec = KEYS[1], ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
        local t = redis.call('TIME')
        local now = t[1] * 1000 + math.floor(t[2] / 1000)
        if math.abs(now - tonumber(ARGV[6])) > 1000 then return {key, now, 'clock'} end
        local old = redis.pcall('HMGET', key, 'h:' .. name, 'v', 'i')
        if old.err then
          if not string.find(old.err, 'WRONGTYPE', 1, true) then return old end
          redis.call('UNLINK', key)
          old = {false, false, false}
        end
        local was = old[1]
        if was and #was >= 60 and string.sub(was, 1, 3) == string.sub(head, 1, 3) then
          local epoch, at = struct.unpack('>I8I8', was, 5)
          local mine, mineAt = struct.unpack('>I8I8', head, 5)
          local same = string.sub(was, 21, 28) == string.sub(head, 21, 28)
          -- Received later than it is now: this clock was set back since, and who fetches now is later.
          if (same and epoch > mine) or ((not same or epoch == mine) and at > mineAt and at <= now + 1000) then return {key, now, 'newer'} end
        end
        if mode == 'head' and not (was and string.sub(was, 29, 60) == string.sub(head, 29, 60)
            and redis.call('HEXISTS', key, 'b:' .. name) == 1) then
          return {key, now, 'body'}
        end
        local till = now + tonumber(ARGV[7])
        local last, kept, gone = till, {}, {}
        local index = old[3] or ''
        for at = 1, #index - 39, 40 do
          local other = string.sub(index, at, at + 31)
          local use = struct.unpack('>I8', index, at + 32)
          if other ~= name then
            if use > now then kept[#kept + 1] = {other, use} else gone[#gone + 1] = other end
          end
        end
        kept[#kept + 1] = {name, till}
        while #kept > tonumber(ARGV[8]) do gone[#gone + 1] = table.remove(kept, 1)[1] end
        for _, other in ipairs(gone) do redis.call('HDEL', key, 'h:' .. other, 'b:' .. other) end
        local entries = {}
        for _, one in ipairs(kept) do
          entries[#entries + 1] = one[1] .. struct.pack('>I8', one[2])
          if one[2] > last then last = one[2] end
        end
        local specs = {spec}
        for line in string.gmatch((old[2] or spec) .. '\n', '([^\n]*)\n') do
          if line ~= spec and #specs < 4 then specs[#specs + 1] = line end
        end
        redis.call('HSET', key, 'v', table.concat(specs, '\n'), 'i', table.concat(entries), 'h:' .. name, head)
        if mode == 'whole' then
          if #body > 0 then redis.call('HSET', key, 'b:' .. name, body) else redis.call('HDEL', key, 'b:' .. name) end
        end
        redis.call('PEXPIREAT', key, last)
        return {key, now, 'written'}
        """);

    /// <summary>
    /// KEYS: entry. ARGV: what, name, and what it must still be. Takes out a key of another type ("type"), a key whose specs have this SHA-1
    /// ("spec"), a variant whose head and body have this SHA-1 ("variant"), or one not fetched later than 8 epoch, 8 time ("older").
    /// </summary>
    public static readonly RedisScript Drop = new("drop", """
        local key, what, name, was = KEYS[1], ARGV[1], ARGV[2], ARGV[3]
        local t = redis.call('TIME')
        local now = t[1] * 1000 + math.floor(t[2] / 1000)
        local kind = redis.call('TYPE', key).ok
        local done = 0
        if what == 'type' then
          if kind ~= 'hash' then done = redis.call('UNLINK', key) end
        elseif kind == 'hash' then
          local h, b, v = unpack(redis.call('HMGET', key, 'h:' .. name, 'b:' .. name, 'v'))
          if what == 'spec' then
            if redis.sha1hex(v or '') == was then done = redis.call('UNLINK', key) end
          elseif what == 'variant' then
            if redis.sha1hex((h or '') .. (b or '')) == was then done = redis.call('HDEL', key, 'h:' .. name, 'b:' .. name) end
          elseif h and #h >= 60 then
            local epoch, at = struct.unpack('>I8I8', h, 5)
            local most, mostAt = struct.unpack('>I8I8', was)
            if epoch < most or (epoch == most and at <= mostAt) then done = redis.call('HDEL', key, 'h:' .. name, 'b:' .. name) end
          end
        end
        return {key, now, done}
        """);
}
