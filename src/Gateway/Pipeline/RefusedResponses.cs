using System.Collections.Frozen;
using CacheGateway.Http;
using CacheGateway.Model;

namespace CacheGateway.Pipeline;

/// <summary>
/// The last answers that could not be stored, by key until one to it is stored, and by policy, so that somebody who asks why can be told by what the origin really sent.
/// Fixed in size; holds no body and no cookie, and only the fields that the judgement reads.
/// </summary>
internal sealed class RefusedResponses(TargetedFields targeted, TimeProvider time)
{
    private const int Slots = 1024;

    /// <summary>The same answer to the same question is noted again after this many milliseconds only.</summary>
    private const long Often = 1000;

    /// <summary>What is judged, what names tags, and what people look at to tell responses apart. That there is a cookie matters; what it says is the client's.</summary>
    private readonly FrozenSet<string> _kept = ResponseFacts.FieldsRead.Except(["Set-Cookie"], StringComparer.OrdinalIgnoreCase)
        .Concat(targeted.Names).Concat(AnswerFields.Tags).Append("Content-Type").ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private readonly RefusedResponse?[] _byKey = new RefusedResponse?[Slots];
    private readonly RefusedResponse?[] _byPolicy = new RefusedResponse?[Slots];

    /// <summary>
    /// Why the last answer to this key, a moment ago, was refused, if it had this status and it was for this very Cache-Control: then nothing else that is in the new one
    /// could have it stored, and it need not be judged. Else null.
    /// </summary>
    public Reason? ReasonOf(string cacheControl, CacheKey key, CachePolicy policy, int status) =>
        LastOf(key, policy, status, time.GetUtcNow()) is { RefusedBy: { } line } last && line == cacheControl ? last.Reason : null;

    /// <param name="key">Of the request.</param>
    /// <param name="policy">That judged it.</param>
    /// <param name="status">The origin's.</param>
    /// <param name="headers">The answer's, without those of one connection.</param>
    /// <param name="reason">Why it is not stored.</param>
    /// <param name="refusedBy">The line of Cache-Control that alone forbids it, whatever else the answer says; null where it is not as simple.</param>
    public void Add(CacheKey key, CachePolicy policy, int status, HeaderField[] headers, Reason reason, string? refusedBy)
    {
        var now = time.GetUtcNow();
        if (LastOf(key, policy, status, now) is { } last && last.Reason == reason && last.RefusedBy == refusedBy)
        {
            return;
        }

        var kept = headers.Where(field => _kept.Contains(field.Name)).ToList();
        if (Array.Exists(headers, field => field.Is("Set-Cookie")))
        {
            kept.Add(new HeaderField("Set-Cookie", "hidden=1"));
        }

        var refused = new RefusedResponse(key.Text, policy.Name, status, [.. kept], reason, now, refusedBy);
        Volatile.Write(ref _byKey[Slot(key.Text)], refused);
        Volatile.Write(ref _byPolicy[Slot(policy.Name)], refused);
    }

    /// <summary>An answer to this key is stored: what was refused before says nothing of it any more.</summary>
    public void Forget(string key)
    {
        ref var slot = ref _byKey[Slot(key)];
        if (Volatile.Read(ref slot) is { } own && own.Key == key)
        {
            Interlocked.CompareExchange(ref slot, null, own);
        }
    }

    /// <summary>The last one of this key since an answer to it was stored; else null.</summary>
    public RefusedResponse? Find(string key) => Volatile.Read(ref _byKey[Slot(key)]) is { } own && own.Key == key ? own : null;

    /// <summary>The last one of this policy, if its key is another; it says what the origin does elsewhere, and nothing of this key.</summary>
    public RefusedResponse? FindElsewhere(string key, string policy) =>
        Volatile.Read(ref _byPolicy[Slot(policy)]) is { } other && other.Policy == policy && other.Key != key ? other : null;

    private RefusedResponse? LastOf(CacheKey key, CachePolicy policy, int status, DateTimeOffset now) =>
        Volatile.Read(ref _byKey[Slot(key.Text)]) is { } last && last.Key == key.Text && last.Policy == policy.Name && last.Status == status
            && Math.Abs((now - last.At).TotalMilliseconds) < Often ? last : null;

    private static int Slot(string text) => text.GetHashCode(StringComparison.Ordinal) & (Slots - 1);
}

/// <param name="Key">Of the request.</param>
/// <param name="Policy">That judged it.</param>
/// <param name="Status">The origin's.</param>
/// <param name="Headers">Fields that the judgement reads.</param>
/// <param name="Reason">Why it was not stored.</param>
/// <param name="At">When.</param>
/// <param name="RefusedBy">The line of Cache-Control that alone forbade it, or null.</param>
internal sealed record RefusedResponse(string Key, string Policy, int Status, HeaderField[] Headers, Reason Reason, DateTimeOffset At, string? RefusedBy)
{
    /// <summary>Only its body told that it is too large; how large it is nobody knows.</summary>
    public bool IsOutgrown => Reason == Reason.ResponseTooLarge && !Array.Exists(Headers, header => header.Is("Content-Length"));

    /// <summary>Only the end of the connection told where its body ended: nothing else about a whole answer is ambiguous.</summary>
    public bool IsCloseDelimited => Reason == Reason.ResponseAmbiguous && Status != StatusCodes.Status206PartialContent;
}
