namespace BackendApi.Hosting;

/// <summary>Something the user gave is wrong; the message is all that is shown of it.</summary>
internal sealed class BadUsageException(string message) : Exception(message);
