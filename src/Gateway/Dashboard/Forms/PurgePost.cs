using CacheGateway.Admin;
using CacheGateway.Invalidation;

namespace CacheGateway.Dashboard.Forms;

/// <summary>The confirmed purge: raised through the one door of invalidations, waiting for every node, and answered with a redirect to its receipt.</summary>
internal sealed class PurgePost(Invalidator invalidator, PurgeReceipts receipts, PageRenderer pages, CostlyPlaces places, TimeProvider time)
{
    public async Task HandleAsync(HttpContext context)
    {
        var form = await PostedForm.ReadAsync(context);
        var purge = PurgeForm.Read(name => form[name] is [{ } value, ..] ? value : null);
        if (purge.Error is { } error)
        {
            await pages.SendAsync(context, PageTable.Of("/purge"), StatusCodes.Status400BadRequest, form, error);
            return;
        }

        if (form["confirm"] != "on")
        {
            // The preview looks through the memory; what is confirmed never waits for those who look.
            using var place = await places.TakeAsync(context);
            if (place is null)
            {
                return;
            }

            await pages.SendAsync(context, PageTable.Of("/purge"), StatusCodes.Status400BadRequest, form, "Nothing was purged: the box that confirms it was not ticked.");
            return;
        }

        var order = new InvalidationOrder
        {
            Id = Invalidator.NewId(),
            Scope = purge.Scope,
            Source = InvalidationSource.Admin,
            Wait = InvalidationWait.All,
            Reason = purge.Reason,
            Who = $"dashboard {context.Connection.RemoteIpAddress}",
        };

        // Whoever closes the window has said it all the same.
        var receipt = await invalidator.RaiseAsync(order, CancellationToken.None);
        receipts.Add(new PurgeReceipt(receipt, purge.WordsForAll, purge.IsSoft, time.GetUtcNow()));
        Redirect.To(context, $"/purge/{receipt.Id}");
    }
}
