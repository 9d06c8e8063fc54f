namespace CacheGateway.FunctionalTests;

/// <summary>Names the requirement that a test proves; the conformance table in the docs is made from these.</summary>
/// <param name="section">A document and a section of it ("RFC 9111 4.2.1").</param>
/// <param name="what">The requirement in a few words.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method, AllowMultiple = true)]
public sealed class CoversAttribute(string section, string what) : Attribute
{
    public string Section { get; } = section;

    public string What { get; } = what;
}
