using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace CacheGateway.FunctionalTests.Infrastructure;

/// <summary>What the answer to an invalidation with <c>wait=all</c> promises.</summary>
internal static class Receipt
{
    /// <summary>
    /// Whether all gateways have applied it, of which there are so many: 200, or 202 where each of them has, and nobody is missing but whoever Redis may have
    /// forgotten. Those are not there, and none of the others may serve the old.
    /// </summary>
    public static async Task<bool> IsAppliedByAsync(HttpResponseMessage answer, int gateways)
    {
        if (answer.StatusCode != HttpStatusCode.Accepted)
        {
            return answer.StatusCode == HttpStatusCode.OK;
        }

        var receipt = await answer.Content.ReadFromJsonAsync<JsonElement>();
        return receipt.GetProperty("durable").GetBoolean()
            && receipt.GetProperty("missing").EnumerateArray().Select(node => node.GetString()).SequenceEqual(["forgotten-by-redis"])
            && receipt.GetProperty("applied").EnumerateArray().Select(node => node.GetProperty("node").GetString()).Distinct().Count() == gateways;
    }
}
