namespace CacheGateway.Invalidation.Webhooks;

/// <param name="Path">Where webhooks are taken on the public listener.</param>
/// <param name="Secrets">Any of them may sign: raw text, or base64 after "whsec_".</param>
internal sealed record WebhookOptions(string Path, IReadOnlyList<string> Secrets);
