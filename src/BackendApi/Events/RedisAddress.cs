using System.Globalization;
using StackExchange.Redis;

namespace BackendApi.Events;

/// <summary>An address of Redis, <c>redis://[:password@]host[:port][/database]</c>.</summary>
internal static class RedisAddress
{
    private const int UsualPort = 6379;

    /// <summary>Null where it is none, or has what this client cannot say (a user's name).</summary>
    public static ConfigurationOptions? TryRead(Uri address)
    {
        var database = address.AbsolutePath.Trim('/');
        var user = address.UserInfo;
        var number = 0;
        if (address.Host.Length == 0 || address.Query.Length > 0 || address.Fragment.Length > 0 || (user.Length > 0 && user[0] != ':')
            || (database.Length > 0 && !int.TryParse(database, NumberStyles.None, CultureInfo.InvariantCulture, out number)))
        {
            return null;
        }

        return new ConfigurationOptions
        {
            EndPoints = { { address.Host, address.Port < 0 ? UsualPort : address.Port } },
            Password = user.Length > 1 ? Uri.UnescapeDataString(user[1..]) : null,
            DefaultDatabase = number,
        };
    }

    /// <summary>One that was tried at the start.</summary>
    /// <exception cref="InvalidOperationException">It was not.</exception>
    public static ConfigurationOptions Read(Uri address) => TryRead(address) ?? throw new InvalidOperationException("the address was read at the start");
}
