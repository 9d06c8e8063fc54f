namespace CacheGateway.Cli.Demo;

internal sealed record DemoAddresses(DemoAddress Backend, DemoAddress Gateway, DemoAddress Admin)
{
    /// <exception cref="DemoException">One of them cannot be listened on, or the admin API could be reached from other machines: the demo's has no token.</exception>
    public static DemoAddresses Claim(DemoOptions options)
    {
        var addresses = new DemoAddresses(
            DemoAddress.Claim("--backend-urls", options.BackendUrl),
            DemoAddress.Claim("--urls", options.Url),
            DemoAddress.Claim("--admin-urls", options.AdminUrl));
        return new Uri(addresses.Admin.Listen).IsLoopback
            ? addresses
            : throw new DemoException("--admin-urls: the demo's admin API has no token, and is for this machine alone; listen on 127.0.0.1, and come from elsewhere by ssh -L", RootCommands.BadUsage);
    }
}
