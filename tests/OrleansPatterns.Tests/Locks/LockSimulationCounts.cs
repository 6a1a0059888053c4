namespace OrleansPatterns.Tests.Locks;

/// <summary>What a simulation has reached: a quiet world proves nothing.</summary>
internal sealed record LockSimulationCounts
{
    public int Grants { get; set; }

    public int Holds { get; set; }

    public int Renewals { get; set; }

    public int Takeovers { get; set; }

    public int Recoveries { get; set; }

    public int RecoveriesByClock { get; set; }

    public int Adoptions { get; set; }

    public int Breaks { get; set; }

    public int AnswersByReplaced { get; set; }

    public int WritesAhead { get; set; }

    public int RefusedWrites { get; set; }

    public int LostWriteAnswers { get; set; }

    public int Crashes { get; set; }

    public int HandedOn { get; set; }

    public int Legacies { get; set; }

    public int LostMessages { get; set; }

    public int RepeatedMessages { get; set; }
}
