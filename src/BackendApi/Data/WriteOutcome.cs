namespace BackendApi.Data;

internal enum WriteFailure
{
    None,
    NotFound,

    /// <summary>The row names another one that does not exist.</summary>
    UnknownReference,

    /// <summary>A value that must be unique is taken.</summary>
    Taken,

    /// <summary>Other rows refer to the one that should go.</summary>
    InUse,
}

/// <summary>What became of a write; the row carries the version of its commit.</summary>
internal sealed record WriteOutcome<T>(WriteFailure Failure, T? Row)
    where T : Row
{
    public static WriteOutcome<T> Done(T row) => new(WriteFailure.None, row);

    public static WriteOutcome<T> Failed(WriteFailure failure) => new(failure, null);
}
