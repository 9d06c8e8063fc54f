using CacheGateway.Admin;

namespace CacheGateway.Dashboard.Forms;

/// <summary>The sign-in form: a token becomes a session. A wrong one costs a second, whoever asks.</summary>
internal sealed class LoginPost(PageRenderer pages, DashboardDoor door, TimeProvider time)
{
    /// <summary>What a wrong token costs who guesses.</summary>
    private static readonly TimeSpan Penalty = TimeSpan.FromSeconds(1);

    public async Task HandleAsync(HttpContext context)
    {
        var form = await PostedForm.ReadAsync(context);
        if (door.Enter(context, form["token"].ToString()))
        {
            Redirect.To(context, ReturnPath.Of(form[AdminGuard.ReturnName]));
            return;
        }

        await Task.Delay(Penalty, time, context.RequestAborted);
        await pages.SendAsync(context, PageTable.Of("/login"), StatusCodes.Status403Forbidden, form, "That is not this gateway's admin token.");
    }

    public Task LeaveAsync(HttpContext context)
    {
        door.Leave(context);
        Redirect.To(context, "/login");
        return Task.CompletedTask;
    }
}
