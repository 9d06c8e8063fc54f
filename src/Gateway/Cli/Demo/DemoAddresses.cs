namespace CacheGateway.Cli.Demo;

internal sealed record DemoAddresses(DemoAddress Backend, DemoAddress Gateway, DemoAddress Admin)
{
    /// <exception cref="DemoException">One of them cannot be listened on.</exception>
    public static DemoAddresses Claim(DemoOptions options) => new(
        DemoAddress.Claim("--backend-urls", options.BackendUrl),
        DemoAddress.Claim("--urls", options.Url),
        DemoAddress.Claim("--admin-urls", options.AdminUrl));
}
