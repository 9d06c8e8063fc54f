using CacheGateway.Storage.Redis;

namespace CacheGateway.Invalidation.Redis;

/// <summary>
/// The fence's scripts. Each begins with the same look at the group: another server run than before (restart, failover), or a key that is
/// gone (evicted, deleted, an empty restart) or cannot be what was written, means that raises may have been forgotten. Then an incarnation begins, with a floor above
/// everything known, and whatever is older is dead on every node.
/// <para>
/// <c>allow-oom</c>: a full server takes no more responses, but it must still take invalidations; they are small and bounded. Numbers stay
/// below 2^53 (microseconds since 1970), which Lua holds exactly; incarnations are text.
/// </para>
/// <para>
/// What is read from an answer begins with what the call was told to be known by, a raise's id or a question's number: a connection that lost its place gives
/// well-formed answers to other questions (<see cref="FenceChannel"/>).
/// </para>
/// </summary>
internal static class FenceScripts
{
    // ARGV[4], the witness: the last incarnation that the caller was in, "loss" where a caller that was in none takes an empty Redis for a loss, or "".
    private const string Prelude = """
        #!lua flags=allow-oom
        local STEP = 1024
        local function num(n) return string.format('%.0f', n) end
        local t = redis.call('TIME')
        local now = tonumber(t[1]) * 1000000 + tonumber(t[2])
        local run = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)') or ''
        local function only(kind, key)
          local found = redis.call('TYPE', key).ok
          -- Somebody wrote something else there: it goes, or every script would fail for ever.
          if found ~= kind and found ~= 'none' then redis.call('UNLINK', key) end
          return found
        end
        local left, whole = 0, true
        for i, kind in ipairs({'hash', 'zset', 'stream', 'hash'}) do
          local found = only(kind, KEYS[i])
          if found ~= 'none' then left = left + 1 end
          whole = whole and found == kind
        end
        -- What cannot be what it should be was damaged, and counts as missing: an epoch is held exactly by Lua, an incarnation is positive and has 64 bits.
        local function epoch_of(text)
          local n = tonumber(text or '')
          return n and n >= 0 and n <= 2^53 and n or nil
        end
        local function fits(digits) return #digits < 19 or #digits == 19 and digits <= '9223372036854775807' end
        local s = redis.call('HMGET', KEYS[1], 'incarnation', 'floor', 'run_id', 'newest', 'seen')
        local inc, floor, newest, last = string.match(s[1] or '', '^[1-9]%d*$'), epoch_of(s[2]), epoch_of(s[4]), tonumber(s[5] or '')
        if inc and not fits(inc) then inc = nil end
        local function each(act)
          local all = redis.call('HGETALL', KEYS[4])
          -- Where the clock was set back, all were seen later than it is.
          local latest = math.max(now, last or 0) + 60000000
          for i = 1, #all, 2 do
            local seen, sign, ninc, applied, name = string.match(all[i + 1], '^(%d+) (%-?)(%d+) (%d+) (.*)$')
            if seen and tonumber(seen) <= latest and fits(ninc) and #applied <= 16 then act(all[i], tonumber(seen), sign .. ninc, applied, name) end
          end
        end
        -- Behind: a master that came back as a replica of an older one, and then as master again, is the same run with less in it. Where others have raised since, the
        -- entry after the caller's follows one that is older than his, which no stream of his history has: a trimmed one begins with an entry that follows a newer.
        local applied, behind = tonumber(ARGV[3]), false
        if inc == ARGV[2] and newest then
          behind = applied > newest
          local later = applied < newest and redis.call('XRANGE', KEYS[3], '(' .. ARGV[3] .. '-0', '+', 'COUNT', '1')[1]
          for i = 1, later and #later[2] or 0, 2 do
            behind = behind or later[2][i] == 'p' and (tonumber(later[2][i + 1]) or applied) < applied
          end
        end
        local function begin()
          local known = not behind and redis.call('HGET', KEYS[4], '') == run
          newest = math.max((newest or 0) + STEP, now)
          floor = newest
          inc = ARGV[1]
          redis.call('UNLINK', KEYS[1], KEYS[2], KEYS[3])
          redis.call('HSET', KEYS[1], 'incarnation', inc, 'floor', num(floor), 'run_id', run, 'newest', num(newest),
            'cursor', num(math.max(0, math.floor(now / 1000) - 60000)) .. '-1000000')
          redis.call('ZADD', KEYS[2], '0', '')
          redis.call('XADD', KEYS[3], num(newest) .. '-0', 'v', '1', 'p', '0')
          redis.call('HSET', KEYS[4], '', run)
          each(function(id, seen, ninc, applied, name) redis.call('HSET', KEYS[4], id, num(now) .. ' 0 0 ' .. name) end)
          if known then return end
          if left > 0 or ARGV[4] ~= '' then
            -- The list of nodes is lost, or was another server run's: who is in none is waited for until he must have stopped by himself.
            redis.call('HSET', KEYS[4], 'forgotten', num(now) .. ' 0 0 forgotten-by-redis')
          else
            redis.call('HSET', KEYS[1], 'first', '1')
          end
        end
        if not (inc and floor and newest and floor <= newest) or s[3] ~= run or not whole
            or behind then
          begin()
        elseif last and (now < last or now - last > 2000000) then
          -- Nobody was here for long, or the clock was set: nodes age by the time that they could be seen, not by the clock's step.
          each(function(id, seen, ninc, applied, name)
            redis.call('HSET', KEYS[4], id, num(math.max(0, seen + now - last)) .. ' ' .. ninc .. ' ' .. applied .. ' ' .. name)
          end)
        end
        redis.call('HSET', KEYS[1], 'seen', num(now))

        """;

    /// <summary>
    /// KEYS: group, audit, [done]. ARGV: candidate incarnation, known incarnation, applied, witness, id, node, scope, hard all (1 or ""), retention in microseconds, most marks,
    /// seconds to remember, wake channel, source, who, why, cause or "", most causes, marks...
    /// Gives the id, incarnation, epoch, the epoch before, "done" when the cause was dealt with before, how many replicas the server has, and what it refused of that which a raise
    /// can do without: an error after the first write would leave it written and told as not taken.
    /// </summary>
    public static readonly RedisScript Raise = new("fence-raise", Prelude + """
        local replicas = string.match(redis.call('INFO', 'replication'), 'connected_slaves:(%d+)') or '0'
        if KEYS[6] then
          only('zset', KEYS[6])
          local rank = redis.call('ZRANK', KEYS[6], ARGV[16])
          local done = rank and tonumber(redis.call('ZRANGE', KEYS[6], rank, rank, 'WITHSCORES')[2])
          if done and now - done <= tonumber(ARGV[11]) * 1000000 then return {ARGV[5], inc, num(done), num(newest), 'done', replicas, ''} end
        end
        only('stream', KEYS[5])
        local refused = ''
        local function beside(...)
          local answer = redis.pcall(...)
          if type(answer) == 'table' and answer.err then refused = refused .. (refused == '' and '' or '; ') .. (...) .. ': ' .. answer.err end
          return answer
        end
        local prev = newest
        local epoch = math.max(newest + STEP, now)
        local function add()
          return redis.pcall('XADD', KEYS[3], 'MINID', '~', num(math.max(0, epoch - tonumber(ARGV[9]))) .. '-0', num(epoch) .. '-0',
            'v', '1', 'p', num(prev), 'n', ARGV[6], 'i', ARGV[5], 's', ARGV[7])
        end
        local added = add()
        if type(added) == 'table' and added.err then
          -- Somebody wrote a later id into the stream, or another type: what it held cannot be relied on.
          begin()
          prev = newest
          epoch = newest + STEP
          added = add()
          if type(added) == 'table' and added.err then return added end
        end
        redis.call('HSET', KEYS[1], 'newest', num(epoch))
        beside('XTRIM', KEYS[3], 'MAXLEN', '~', '100000')
        if ARGV[8] == '1' then
          -- Every mark is below the floor now.
          floor = epoch
          redis.call('UNLINK', KEYS[2])
          redis.call('ZADD', KEYS[2], '0', '')
        end
        for i = 18, #ARGV do redis.call('ZADD', KEYS[2], num(epoch), ARGV[i]) end
        local most = tonumber(ARGV[10])
        local extra = redis.call('ZCARD', KEYS[2]) - 1 - most
        if extra > 0 then
          -- The oldest go, the sentinel first; a forgotten mark counts as raised for everything.
          local popped = redis.call('ZPOPMIN', KEYS[2], extra + 1 + math.floor(most / 10))
          floor = math.max(floor, tonumber(popped[#popped]))
          redis.call('ZADD', KEYS[2], '0', '')
        end
        redis.call('HSET', KEYS[1], 'floor', num(floor))
        beside('XADD', KEYS[5], 'MAXLEN', '~', '10000', '*', 'v', '1', 'id', ARGV[5], 'epoch', num(epoch), 'node', ARGV[6],
          'source', ARGV[13], 'who', ARGV[14], 'why', ARGV[15], 'scope', string.sub(ARGV[7], 1, 4096))
        if KEYS[6] then
          beside('ZADD', KEYS[6], num(epoch), ARGV[16])
          beside('PEXPIREAT', KEYS[6], num(math.floor(now / 1000) + tonumber(ARGV[11]) * 1000))
          local over = redis.call('ZCARD', KEYS[6]) - tonumber(ARGV[17])
          if over > 0 then beside('ZPOPMIN', KEYS[6], over) end
        end
        beside('PUBLISH', ARGV[12], inc .. ' ' .. num(epoch))
        return {ARGV[5], inc, num(epoch), num(prev), '', replicas, refused}
        """);

    /// <summary>
    /// KEYS: group. ARGV: candidate incarnation, known incarnation, applied, witness, instance, node, stream position, most entries, microseconds this
    /// node counts as live from now on, question.
    /// Gives the question, incarnation, floor, newest, entries, live nodes as instance, name, incarnation, applied.
    /// </summary>
    public static readonly RedisScript Sync = new("fence-sync", Prelude + """
        local window = tonumber(ARGV[9])
        if ARGV[4] ~= '' and ARGV[4] ~= 'loss' and ARGV[4] ~= inc and redis.call('HGET', KEYS[1], 'first') then
          -- Who was in another life has seen others there: it was no first start, as whoever began this one thought.
          redis.call('HSETNX', KEYS[4], 'forgotten', num(now) .. ' 0 0 forgotten-by-redis')
        end
        redis.call('HSET', KEYS[4], ARGV[5], num(now) .. ' ' .. ARGV[2] .. ' ' .. ARGV[3] .. ' w' .. ARGV[9] .. ' ' .. ARGV[6])
        -- Each counts as live for as long as it may serve by its own settings; who does not say how long that is, as long as any.
        local seen_by, longest = {}, window
        each(function(id, seen, ninc, applied, name)
          local own, shown = string.match(name, '^w(%d+) (.*)$')
          longest = math.max(longest, tonumber(own or '0'))
          seen_by[#seen_by + 1] = {id, shown or name, ninc, applied, seen, tonumber(own or '0')}
        end)
        local nodes = {}
        for _, node in ipairs(seen_by) do
          local lives = node[6] > 0 and node[6] or longest
          if node[5] < now - 10 * lives then
            redis.call('HDEL', KEYS[4], node[1])
          elseif node[5] >= now - lives then
            for i = 1, 4 do nodes[#nodes + 1] = node[i] end
          end
        end
        local entries = {}
        if inc == ARGV[2] then entries = redis.call('XRANGE', KEYS[3], '(' .. ARGV[7], '+', 'COUNT', ARGV[8]) end
        return {ARGV[10], inc, num(floor), num(newest), entries, nodes}
        """);

    /// <summary>KEYS: nodes. ARGV: instances that will not be heard of again. Nobody waits for them any more.</summary>
    public static readonly RedisScript Leave = new("fence-leave", """
        #!lua flags=allow-oom
        return redis.call('HDEL', KEYS[1], unpack(ARGV))
        """);

    /// <summary>
    /// KEYS: marks, state. ARGV: the last mark read and its epoch ("" = from the beginning), how many to read, question, incarnation, an epoch. It may be asked of a replica, where the client library
    /// cannot reach the master: one that is not in that incarnation, or not as far as that epoch, says so. Gives the question, the marks from that one on as one string, see
    /// <see cref="MarkList"/>, then the last of them and its epoch, "" when that was all. A mark only ever moves to a higher epoch, which is not read yet: whatever was there when the
    /// reading began is read, wherever the others went meanwhile. As many answers as marks would cost a node that starts more than the marks.
    /// </summary>
    public static readonly RedisScript Marks = new("fence-marks", """
        #!lua flags=no-writes
        local s = redis.call('HMGET', KEYS[2], 'incarnation', 'newest')
        if s[1] ~= ARGV[5] or (tonumber(s[2] or '') or 0) < tonumber(ARGV[6]) then return redis.error_reply('BEHIND this server has not all that was raised') end
        local most = tonumber(ARGV[3])
        local rank = ARGV[2] ~= '' and redis.call('ZRANK', KEYS[1], ARGV[1]) or 0
        local found = redis.call('ZRANGE', KEYS[1], rank, rank + most - 1, 'WITHSCORES')
        if ARGV[2] ~= '' and not (found[1] == ARGV[1] and found[2] == ARGV[2]) then
          found = redis.call('ZRANGE', KEYS[1], ARGV[2], '+inf', 'BYSCORE', 'LIMIT', 0, most, 'WITHSCORES')
        end
        local last = #found
        if last < 2 * most then return {ARGV[4], cmsgpack.pack(found), '', ''} end
        return {ARGV[4], cmsgpack.pack(found), found[last - 1], found[last]}
        """);

    /// <summary>KEYS: state. ARGV: question. Gives the question, and what the server does when its memory is full.</summary>
    public static readonly RedisScript Eviction = new("fence-eviction", """
        #!lua flags=allow-oom
        return {ARGV[1], string.match(redis.call('INFO', 'memory'), 'maxmemory_policy:([%w%-]+)') or ''}
        """);

    /// <summary>
    /// KEYS: state. ARGV: incarnation, stream id, "1" where it may lie before, field. Moves two places in the events stream forward: that of one set of rules, which lies in the field, and the furthest of all,
    /// where rules begin that are new.
    /// </summary>
    public static readonly RedisScript Read = new("fence-read", """
        #!lua flags=allow-oom
        local s = redis.call('HMGET', KEYS[1], 'incarnation', 'cursor', ARGV[4])
        if s[1] ~= ARGV[1] then return 0 end
        local am, as = string.match(ARGV[2], '^(%d+)%-(%d+)$')
        am, as = tonumber(am), tonumber(as)
        for i, field in ipairs({'cursor', ARGV[4]}) do
          local bm, bs = string.match(s[i + 1] or '', '^(%d+)%-(%d+)$')
          bm, bs = tonumber(bm or ''), tonumber(bs or '')
          if ARGV[3] == '1' or not bm or am > bm or (am == bm and as > bs) then redis.call('HSET', KEYS[1], field, ARGV[2]) end
        end
        return 1
        """);
}
