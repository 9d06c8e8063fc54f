namespace BackendApi.Hosting;

/// <summary>What was given may be right, but the world does not agree: no database there, the port is taken.</summary>
internal sealed class StartFailedException(string what, Exception cause)
    : Exception($"{what}: {cause.Message.Split('\n')[0].Trim()}", cause);
