using System.Text;

namespace Yardsticks;

/// <summary>Kestrel with the gateway's own settings and nothing else in the pipeline.</summary>
internal static class BareServer
{
    public static WebApplicationBuilder Builder(string url)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = [], EnvironmentName = Environments.Production });
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.UseUrls(url);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        // As the gateway has it: no activity for every request.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        builder.WebHost.ConfigureKestrel((context, kestrel) =>
        {
            kestrel.AddServerHeader = false;
            kestrel.ResponseHeaderEncodingSelector = _ => Encoding.Latin1;
            kestrel.RequestHeaderEncodingSelector = _ => Encoding.Latin1;
            kestrel.Limits.MaxRequestBodySize = null;
            if (Environment.GetEnvironmentVariable("BENCH_CERTIFICATE") is { } certificate)
            {
                kestrel.ConfigureHttpsDefaults(https => https.ServerCertificate =
                    System.Security.Cryptography.X509Certificates.X509Certificate2.CreateFromPemFile(certificate, Path.ChangeExtension(certificate, ".key")));
            }
        });
        // As the gateway does: what is measured is the code between, not the settings.
        if (Environment.GetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS") is "1" or "true")
        {
            builder.WebHost.UseSockets(sockets => sockets.UnsafePreferInlineScheduling = true);
        }

        return builder;
    }
}
