using CacheGateway.Policies.Rules;
using Yarp.ReverseProxy.Configuration;

namespace CacheGateway.Hosting;

/// <summary>Members of routes and clusters that YARP does not read, and says nothing of: by its own types, so that the next version is known as well.</summary>
internal static class ProxyMembers
{
    /// <summary>A line for each, with its place.</summary>
    /// <param name="section">The section <c>ReverseProxy</c>.</param>
    public static IEnumerable<string> Unread(IConfigurationSection section)
    {
        ArgumentNullException.ThrowIfNull(section);
        return section.GetSection("Routes").GetChildren().SelectMany(route => Unread(route, typeof(RouteConfig)))
            .Concat(section.GetSection("Clusters").GetChildren().SelectMany(cluster => Unread(cluster, typeof(ClusterConfig))));
    }

    private static IEnumerable<string> Unread(IConfigurationSection section, Type type)
    {
        if (type.IsGenericType && type.GetGenericArguments() is [not null, _] arguments && arguments[0] != typeof(string))
        {
            // Keyed by what is no name: a part that an application adds.
            return [];
        }

        if (ItemOf(type) is { } item)
        {
            return section.GetChildren().SelectMany(child => Unread(child, item));
        }

        // Texts, numbers, times and the like have no members.
        return type.Assembly == typeof(RouteConfig).Assembly && !type.IsEnum ? section.GetChildren().SelectMany(member => Unread(member, type.GetProperties())) : [];
    }

    private static IEnumerable<string> Unread(IConfigurationSection member, System.Reflection.PropertyInfo[] known)
    {
        if (Array.Find(known, property => property.Name.Equals(member.Key, StringComparison.OrdinalIgnoreCase)) is { } property)
        {
            return Unread(member, property.PropertyType);
        }

        string[] names = [.. known.Select(property => property.Name)];
        return [$"{member.Path}: nobody reads \"{member.Key}\"{(Suggestion.For(member.Key, names) is { Length: > 0 } near ? near : $"; there are {string.Join(", ", names)}")}"];
    }

    /// <summary>What a list, or a dictionary by name, holds.</summary>
    private static Type? ItemOf(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() is var definition && (definition == typeof(IReadOnlyList<>) || definition == typeof(IReadOnlyDictionary<,>))
            ? type.GetGenericArguments()[^1]
            : null;
}
