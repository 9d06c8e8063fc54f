namespace CacheGateway.Tests;

/// <summary>Names the section of a specification that a test covers; docs/conformance.md is made from these.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method, AllowMultiple = true)]
internal sealed class CoversAttribute(string section, string what) : Attribute
{
    public string Section { get; } = section;

    public string What { get; } = what;
}
