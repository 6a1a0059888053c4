namespace OrleansPatterns.ChaosTests.Nemesis;

/// <summary>What can be done to a cluster under test.</summary>
internal enum FaultKind
{
    None = 0,

    /// <summary>A silo dies without a word and is started again at the end of the fault.</summary>
    KillSilo = 1,

    /// <summary>A silo stands still, as in a long collection of garbage or a moved virtual machine, and then goes on as if nothing had been.</summary>
    PauseSilo = 2,

    /// <summary>A silo is stopped in an orderly way and started again at the end, as in a rolling restart.</summary>
    StopSilo = 3,

    /// <summary>One more silo joins, and leaves in an orderly way at the end.</summary>
    JoinSilo = 4,

    KillWorker = 5,

    PauseWorker = 6,

    /// <summary>The database dies without a word (kill -9) and has to recover at its restart.</summary>
    CrashDatabase = 7,

    /// <summary>The database is stopped in an orderly way ("fast": it ends all sessions) and started again.</summary>
    StopDatabase = 8,

    CutSiloFromDatabase = 9,

    /// <summary>A silo and the others do not hear each other, or one side does not hear the other.</summary>
    CutSiloFromSilos = 10,

    /// <summary>A silo is not reached by the workers on its gateway port.</summary>
    CutWorkersFromSilo = 11,

    /// <summary>All connections to the database are reset at once. It has no duration.</summary>
    DropDatabaseConnections = 12,
}
