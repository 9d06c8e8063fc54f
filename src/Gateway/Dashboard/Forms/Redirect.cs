namespace CacheGateway.Dashboard.Forms;

/// <summary>The end of a form that did something: the browser asks for the result (303), and a reload asks for nothing again.</summary>
internal static class Redirect
{
    public static void To(HttpContext context, string path)
    {
        context.Response.StatusCode = StatusCodes.Status303SeeOther;
        context.Response.Headers.Location = path;
    }
}
