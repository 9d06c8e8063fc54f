namespace CacheGateway.Dashboard.Forms;

/// <summary>What a page's form sent.</summary>
internal static class PostedForm
{
    /// <summary>Content of another kind is no form, and holds no fields.</summary>
    /// <exception cref="InvalidDataException">More fields, or longer ones, than a form has.</exception>
    public static Task<IFormCollection> ReadAsync(HttpContext context) =>
        context.Request.HasFormContentType ? context.Request.ReadFormAsync(context.RequestAborted) : Task.FromResult<IFormCollection>(FormCollection.Empty);
}
