namespace CacheGateway.Interleavings;

/// <summary>What a schedule may do next. The order is that of plainness: a shrunk schedule prefers the first.</summary>
internal enum Deed
{
    /// <summary>Something that waits happens: a message arrives, a continuation runs.</summary>
    Happen,

    /// <summary>Time passes until the next timer.</summary>
    Tick,

    /// <summary>For a while all that waits happens in its order.</summary>
    Calm,

    /// <summary>A client asks for something.</summary>
    Get,

    /// <summary>The backend changes something and says so.</summary>
    Invalidate,

    /// <summary>A client changes something through a gateway.</summary>
    Post,

    /// <summary>A node's memory has no room for something.</summary>
    EvictMemory,

    /// <summary>Redis has no room for a stored response, or its time is over.</summary>
    EvictShared,

    /// <summary>A node's connection to Redis breaks, loudly or silently.</summary>
    Cut,

    /// <summary>A node reaches Redis again.</summary>
    Heal,

    /// <summary>A node stops, as by SIGSTOP.</summary>
    Pause,

    Resume,

    /// <summary>Time passes, and nothing else happens.</summary>
    Leap,

    /// <summary>A pub/sub message never arrives.</summary>
    Lose,

    /// <summary>A pub/sub message arrives twice.</summary>
    Double,

    /// <summary>The origin answers the next requests with errors, or well again.</summary>
    Fail,

    /// <summary>A client leaves before it is answered.</summary>
    Abandon,

    /// <summary>A node is killed, and another one started in its place.</summary>
    Replace,

    /// <summary>Redis writes a snapshot.</summary>
    Save,

    /// <summary>Redis restarts without its data.</summary>
    RestartEmpty,

    /// <summary>Redis restarts with the last snapshot, or with all it had.</summary>
    RestartOld,

    /// <summary>Redis loses a key of the fence.</summary>
    LoseKey,

    /// <summary>Redis trims the stream.</summary>
    Trim,

    /// <summary>Redis' clock is set.</summary>
    SetClock,
}
