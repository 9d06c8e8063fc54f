using System.Reflection;
using Microsoft.Extensions.Logging;

namespace CacheGateway.Tests.Architecture;

public sealed class LogTests
{
    private static readonly (string Name, int Id)[] Lines = [.. typeof(Policies.PolicySchema).Assembly.GetTypes()
        .SelectMany(type => type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
        .Select(method => (Method: method, Line: method.GetCustomAttribute<LoggerMessageAttribute>()))
        .Where(line => line.Line is not null)
        .Select(line => ($"{line.Method.DeclaringType!.Name}.{line.Method.Name}", line.Line!.EventId))];

    /// <summary>Who filters or counts by id must meet one line alone.</summary>
    [Fact]
    public void Ids_NameOneLineEach()
    {
        Assert.NotEmpty(Lines);
        Assert.Empty(Lines.GroupBy(line => line.Id).Where(same => same.Count() > 1).Select(same => string.Join(", ", same)));
    }

    [Fact]
    public void Lines_AreInOnePlace() => Assert.All(Lines, line => Assert.StartsWith("Log.", line.Name, StringComparison.Ordinal));
}
