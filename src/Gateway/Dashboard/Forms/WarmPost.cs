using CacheGateway.Warming;

namespace CacheGateway.Dashboard.Forms;

/// <summary>Starts and cancels warm-ups; both end in a redirect to the page that shows how far they are.</summary>
internal sealed class WarmPost(WarmPlanner planner, WarmJobs jobs, PageRenderer pages)
{
    private const string Page = "/warm";

    public async Task StartAsync(HttpContext context)
    {
        var form = await PostedForm.ReadAsync(context);
        var order = WarmForm.Read(name => form[name] is [{ } value, ..] ? value : null).Order;
        var plan = planner.Plan(order);
        if (plan.Errors.Count > 0)
        {
            await pages.SendAsync(context, PageTable.Of(Page), StatusCodes.Status400BadRequest, form, $"The order {string.Join("; ", plan.Errors)}.");
        }
        else if (jobs.Start("dashboard", plan.Targets, order.Concurrency, order.RatePerSecond) is null)
        {
            await pages.SendAsync(context, PageTable.Of(Page), StatusCodes.Status429TooManyRequests, form, $"{WarmJobs.MostRunning} warm-ups are running: wait for one to end, or cancel one.");
        }
        else
        {
            Redirect.To(context, Page);
        }
    }

    public Task CancelAsync(HttpContext context, string id)
    {
        jobs.Find(id)?.Cancel();
        Redirect.To(context, Page);
        return Task.CompletedTask;
    }
}
