namespace CacheGateway.BrowserTests;

/// <summary>The images of the documentation: there, small, and shown somewhere.</summary>
public sealed class ImageTests(Browser browser)
{
    /// <summary>The admin address of a demo that has run its minute: the test takes the images anew from it before it looks at them.</summary>
    private const string WriteVariable = "WRITE_IMAGES";

    private const int Largest = 200 * 1024;

    private static readonly string Folder = Path.Combine(Repository.Root, "docs", "images");

    private static readonly (string Name, string Path, ColorScheme Colours)[] Images =
    [
        ("dashboard-overview", "/", ColorScheme.Light),
        ("dashboard-policy", "/policies/shop-products", ColorScheme.Dark),
        ("dashboard-heatmap", "/heatmap", ColorScheme.Light),
    ];

    [Fact]
    public async Task Images_AreSmall_AndShownInTheDocumentation()
    {
        if (Environment.GetEnvironmentVariable(WriteVariable) is { Length: > 0 } admin)
        {
            await WriteAsync(new Uri(admin));
        }

        var pages = Directory.GetFiles(Path.Combine(Repository.Root, "docs"), "*.md", SearchOption.AllDirectories).Append(Path.Combine(Repository.Root, "README.md"));
        var text = string.Concat(pages.Select(File.ReadAllText));
        Assert.Equal(Images.Select(image => image.Name + ".png").Order(), Directory.GetFiles(Folder).Select(Path.GetFileName).Order());
        Assert.All(Images, image =>
        {
            Assert.Contains($"images/{image.Name}.png", text, StringComparison.Ordinal);
            Assert.InRange(new FileInfo(Path.Combine(Folder, image.Name + ".png")).Length, 10_000, Largest);
        });
    }

    private async Task WriteAsync(Uri admin)
    {
        foreach (var (name, path, colours) in Images)
        {
            await using var window = await browser.OpenAsync(admin, options =>
            {
                options.ColorScheme = colours;
                options.ViewportSize = new ViewportSize { Width = 1280, Height = 800 };
            });
            await window.GoAsync(path);
            await window.Page.EvaluateAsync("() => document.fonts.ready");
            await window.Page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(Folder, name + ".png"), FullPage = true });
        }
    }
}
