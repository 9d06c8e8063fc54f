using System.Collections.Frozen;
using System.Security.Cryptography;

namespace CacheGateway.Dashboard.Assets;

/// <summary>
/// The dashboard's style, script, font and icon, kept in the assembly. Their addresses hold a digest of them all, so a browser may keep them
/// for ever and still never use the ones of another version.
/// </summary>
internal sealed class AssetFiles
{
    public const string Pattern = "/assets/{version}/{name}";

    private static readonly (string Name, string Type)[] Known =
    [
        ("dashboard.css", "text/css; charset=utf-8"), ("dashboard.js", "text/javascript; charset=utf-8"), ("inter.woff2", "font/woff2"),
        ("icon.svg", "image/svg+xml"),
    ];

    private readonly FrozenDictionary<string, Asset> _byPath;
    private readonly string _folder;

    public AssetFiles()
    {
        var assets = Known.Select(known => (known.Name, Asset: new Asset(Read(known.Name), known.Type))).ToList();
        var digest = Convert.ToHexStringLower(SHA256.HashData(assets.SelectMany(one => one.Asset.Content).ToArray()));
        _folder = $"/assets/{digest[..12]}/";
        _byPath = assets.ToFrozenDictionary(one => PathOf(one.Name), one => one.Asset, StringComparer.Ordinal);
    }

    /// <summary>Where a file of this version is.</summary>
    public string PathOf(string name) => _folder + name;

    public Task SendAsync(HttpContext context)
    {
        if (!_byPath.TryGetValue(context.Request.Path.Value ?? "", out var asset))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }

        PageHeaders.Add(context.Response.Headers);
        context.Response.ContentType = asset.Type;
        context.Response.ContentLength = asset.Content.Length;
        context.Response.Headers.CacheControl = "public, max-age=31536000, immutable";
        return HttpMethods.IsHead(context.Request.Method)
            ? Task.CompletedTask
            : context.Response.Body.WriteAsync(asset.Content, 0, asset.Content.Length, context.RequestAborted);
    }

    private static byte[] Read(string name)
    {
        using var stream = typeof(AssetFiles).Assembly.GetManifestResourceStream($"Dashboard/{name}")
            ?? throw new InvalidOperationException($"The assembly was built without its resource Dashboard/{name}.");
        using var content = new MemoryStream();
        stream.CopyTo(content);
        return content.ToArray();
    }
}

internal sealed record Asset(byte[] Content, string Type);
