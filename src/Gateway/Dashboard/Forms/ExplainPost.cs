namespace CacheGateway.Dashboard.Forms;

/// <summary>
/// A question asked of explain. Posted, because its headers may hold secrets that do not belong into an address; answered without a redirect,
/// because it changes nothing.
/// </summary>
internal sealed class ExplainPost(PageRenderer pages)
{
    public async Task HandleAsync(HttpContext context)
    {
        var form = await PostedForm.ReadAsync(context);
        await pages.SendAsync(context, PageTable.Of("/explain"), form: form);
    }
}
