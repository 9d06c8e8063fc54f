using CacheGateway.Http;
using CacheGateway.Model;
using CacheGateway.Pipeline.Resilience;

namespace CacheGateway.Pipeline;

/// <summary>
/// Receives what YARP writes, judges the head once, and feeds the readers. They learn of the head when there is something to wait for: an answer that
/// is stored and came in one piece is told with its end, so that nobody wakes up twice for it. What the forwarding must know and tells back is here too.
/// </summary>
internal sealed class FetchSink : ForwardFeature, ICaptureSink
{
    /// <summary>A body without an announced length is shown from so many bytes on.</summary>
    private const int MostUntold = 16 * 1024;

    private readonly FetchServices _services;
    private readonly Fill _fill;
    private readonly FillContext _from;
    private FillHead? _head;
    private FillBody? _body;
    private OriginResponse? _origin;
    private StoredResponse? _refreshed;
    private bool _storable;
    private bool _told;
    private Reason _unstorable;
    private long _window;
    private ReaderPace? _pace;

    public FetchSink(FetchServices services, Fill fill, FillContext from)
    {
        (_services, _fill, _from) = (services, fill, from);
        (Target, Policy, Listener) = (fill.Key.Resource.Target, fill.Policy, fill.Interim);
    }

    /// <summary>When the origin was asked.</summary>
    public Instant SentAt { get; set; }

    /// <summary>Why there is no answer of the origin; null while there is, and where the fetch was given up. Whoever waited leaves with it, and so gives up what has ended.</summary>
    public Reason? Failure { get; private set; }

    /// <summary>Bytes taken from the budget to keep the body whole.</summary>
    public long Held { get; private set; }

    public override ValueTask RespondedAsync(HttpContext context, OriginResponse response)
    {
        _origin = response;
        return ValueTask.CompletedTask;
    }

    public override void FellSilent() => Tell();

    public void Started(int status, HeaderField[] headers)
    {
        if (_origin is null)
        {
            // The gateway's own answer (no destination, refused, timed out): its text never reaches a client, the failure does.
            var failure = OriginFailure.Of(status, Refusal, IsMalformed);
            Fail(failure.Status, failure.Reason);
            return;
        }

        if (status != _origin.Value.Status)
        {
            // YARP took the head back, because the body failed before its first byte.
            Fail(StatusCodes.Status502BadGateway, Reason.OriginTruncated);
            return;
        }

        var received = Instant.Now(_services.Time);
        var own = HeaderField.Without(headers, _origin.Value, static (field, origin) => origin.IsAffinity(field));
        _head = _services.Admission.Judge(_from, status, own, _origin.Value, SentAt, received);
        if (_head is { Kind: FillKind.Failed, Reason: not Reason.OriginChanged } failed)
        {
            // An answer that means nothing.
            _head = null;
            Fail(failed.Status, failed.Reason);
            return;
        }

        if (_head.Kind == FillKind.Failed)
        {
            // Who waited for it asks again, and must not find it once more.
            _services.Gate.Close(_fill);
            if (_fill.IsBackground)
            {
                _services.Admission.NeverConfirm(_from);
            }
        }

        if (own.Length < headers.Length)
        {
            _head = _head with { OriginHeaders = [.. _head.OriginHeaders, .. HeaderField.Without(headers, _origin.Value, static (field, origin) => !origin.IsAffinity(field))], LeaderCacheControl = null };
        }

        _storable = _head.Kind == FillKind.Storable;
        if (_head.Kind is FillKind.Storable or FillKind.Private)
        {
            _body = new FillBody(ContentLength(headers), _services.Time);
            if (_storable && !TryKeep(0))
            {
                // Known before anyone is told that it is stored.
                _services.Unstored.Unkept(_from, status, _unstorable);
                _head = new FillHead { Kind = FillKind.Private, Status = status, Reason = _unstorable, OriginHeaders = _head.OriginHeaders, LeaderCacheControl = _head.LeaderCacheControl };
                _storable = false;
            }

            if (!_storable)
            {
                _unstorable = _head.Reason;
                BecomeWindow();
                _services.Gate.Close(_fill);
            }
        }

        if (_head.Kind is FillKind.Stored or FillKind.Withdrawn)
        {
            // Stored, and out of the gate, before anyone learns of it: whoever has the answer finds it stored. Beside what is withdrawn, who comes now, or waited and must ask once more, joins another.
            _refreshed = _head.Kind == FillKind.Stored ? _services.Admission.Admit(_from.Key.Text, _head.Response!, _fill.Policy.MaxVariants) : null;
            _services.Gate.Close(_fill);
        }

        if (!_storable && _head.Kind != FillKind.Stored)
        {
            Tell();
        }
    }

    public void Flushed() => Tell();

    /// <summary>Lets those who wait go on with the head, if it is known and they do not yet.</summary>
    public void Tell() => Tell(isWhole: false);

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        if (_body is null)
        {
            return;
        }

        if (_storable && !TryKeep(bytes.Length))
        {
            _services.Gate.Close(_fill);
            _services.Unstored.Unkept(_from, _head!.Status, _unstorable);
            if (_unstorable == Reason.ResponseTooLarge)
            {
                // Whoever asks next does not share the pace of strangers for nothing. A lack of memory says nothing of the key.
                var own = HeaderField.Without(_head.OriginHeaders, _origin!.Value, static (field, origin) => origin.IsAffinity(field));
                _services.Unstored.Outgrown(_from, _head.Status, own, Instant.MonotonicNow(_services.Time));
            }

            _storable = false;
            // Before anything is let go: with its head the client that caused the fetch has its place at the first byte.
            Tell();
            BecomeWindow();
            if (_fill.IsDeserted)
            {
                _fill.Cancel();
            }
        }

        if (!_storable || (_body.Expected is { } expected ? _body.Length + bytes.Length != expected : _body.Length + bytes.Length > MostUntold))
        {
            Tell();
        }

        var room = _body.AppendAsync(bytes);
        while (!room.IsCompleted)
        {
            await _pace!.WaitAsync(room);
            room = _body.RoomAsync();
        }

        if (!_storable && Held > 0)
        {
            // Readers are within a window of the end now: nothing else is kept.
            GiveBack();
        }
    }

    /// <summary>
    /// The fetch is over. What slow readers have still to read is given back when they are gone. What was finished counts as stored where it is, and
    /// for its readers where it is not (any more).
    /// </summary>
    public void Release()
    {
        var (held, window) = (Held, _window);
        (Held, _window) = (0, 0);
        if (_fill.Finished is not { Body: var finished })
        {
            _body?.WhenLeft(() =>
            {
                _services.Budget.Return(held);
                _services.Budget.ReturnWindow(window);
            });
        }
        else if (finished.Large is not null)
        {
            _services.Memory.BeginReading(finished);
            _body!.WhenLeft(() => _services.Memory.EndReading(finished));
        }
    }

    public void Fail(int status, Reason reason)
    {
        Tell();
        if (_body is { IsComplete: true } || _head is { Kind: FillKind.Stored or FillKind.Withdrawn or FillKind.Failed })
        {
            return;
        }

        _storable = false;
        _services.Gate.Close(_fill);
        _body?.Fail();
        if (_head is null)
        {
            // Of the origin, what was given up says nothing.
            Failure = _fill.Cancelled.IsCancellationRequested ? null : reason;
            if (Failure is { } failure)
            {
                // Counted first: whoever has the answer finds it counted.
                OriginFailure.Count(_services.Traffic.Of(_fill.Policy), failure, this);
            }

            _head = FillHead.Failed(status, reason);
            Tell();
        }
    }

    /// <summary>The one place that says whether a response was complete; everything stored and every clean end comes through here.</summary>
    public StoredResponse? End(bool aborted)
    {
        if (_head is null || _head.Kind is FillKind.Failed or FillKind.Withdrawn)
        {
            return null;
        }

        if (_head.Kind == FillKind.Stored)
        {
            Tell(isWhole: true);
            return _refreshed;
        }

        var whole = Error is null && !aborted && _body!.IsAsAnnounced;
        if (!whole)
        {
            if (_storable)
            {
                _services.Metrics.NotStored(_fill.Policy.Name, Reason.ResponseIncomplete);
            }

            _storable = false;
            if (!_fill.Cancelled.IsCancellationRequested)
            {
                _services.Failures.TellTruncated(_fill.Policy.Name, Error?.Error.ToString() ?? "length");
                OriginFailure.Count(_services.Traffic.Of(_fill.Policy), Reason.OriginTruncated, this);
            }

            Fail(StatusCodes.Status502BadGateway, Reason.OriginTruncated);
            return null;
        }

        try
        {
            return _storable ? Store() : null;
        }
        finally
        {
            // Whatever went wrong with storing it, who reads it has the whole.
            _body!.Complete();
            Tell(isWhole: true);
        }
    }

    /// <summary>Before readers learn of the end, so that whoever saw the whole finds it stored.</summary>
    private StoredResponse? Store()
    {
        StoredResponse? stored = null;
        var finished = ResponseAdmission.Finish(_from, _head!.Response!, _body!.ToSegments());
        if (finished is null)
        {
            // Nobody who asks next waits for what is not shared. Who was told of the head by now was told that it is stored, which nobody could know better.
            _services.Unstored.Refused(_from, _head.Status, _head.OriginHeaders, Reason.ResponseTags, null, Instant.MonotonicNow(_services.Time));
            _head = _told ? _head : new FillHead { Kind = FillKind.Private, Status = _head.Status, Reason = Reason.ResponseTags, OriginHeaders = _head.OriginHeaders };
        }
        else
        {
            // First: a body that counted twice would have others make room for it, or itself.
            GiveBack();
            stored = _services.Admission.AdmitWhole(_from, finished);
        }

        _services.Gate.Close(_fill);
        _fill.Finished = finished;
        return stored;
    }

    private void Tell(bool isWhole)
    {
        if (_head is null || _told)
        {
            return;
        }

        _told = true;
        _fill.SetHead(_head, _body, isWhole);
        if (_fill.IsDeserted && _head.Kind == FillKind.Private)
        {
            _fill.Cancel();
        }
    }

    private static long? ContentLength(HeaderField[] headers) =>
        Position.Parse(Array.Find(headers, field => field.Is("Content-Length")).Value) is >= 0 and var length ? length : null;

    /// <summary>The body is counted where it is kept from here on, or nowhere.</summary>
    private void GiveBack()
    {
        var held = Held;
        Held = 0;
        _services.Budget.Return(held);
    }

    private bool TryKeep(int bytes)
    {
        var length = Math.Max(_body!.Length + bytes, _body.Length == 0 ? _body.Expected ?? 0 : 0);
        if (length > _services.Admission.LargestBody(_fill.Policy))
        {
            _unstorable = Reason.ResponseTooLarge;
            return false;
        }

        if (length <= Held)
        {
            return true;
        }

        if (!_services.Budget.TryTake(length - Held, length))
        {
            _unstorable = Reason.FillBudget;
            return false;
        }

        Held = length;
        return true;
    }

    /// <summary>The body is not stored (any more): from now on it is a window, which counts beside what is still kept. One that holds the whole makes nobody wait for the client.</summary>
    private void BecomeWindow()
    {
        _pace = new ReaderPace(_services, _fill, _body!, _unstorable);
        _window = _services.Budget.TakeWindow(Math.Min(FillBody.Window, (_body!.Expected ?? FillBody.Window) + 1), FillBody.LeastWindow);
        _body.BecomeWindow(_window);
    }
}
