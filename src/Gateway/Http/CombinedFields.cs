namespace CacheGateway.Http;

/// <summary>Fields that people wrote line by line, as one value each: several lines of one name say what one list would (RFC 9110 5.3; cookies RFC 6265 5.4).</summary>
internal static class CombinedFields
{
    public static void Add(Dictionary<string, string> fields, string name, string value) =>
        fields[name] = !fields.TryGetValue(name, out var before) ? value
            : name.Equals("Cookie", StringComparison.OrdinalIgnoreCase) ? $"{before}; {value}"
            : $"{before}, {value}";
}
