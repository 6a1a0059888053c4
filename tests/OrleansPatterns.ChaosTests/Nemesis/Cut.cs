namespace OrleansPatterns.ChaosTests.Nemesis;

/// <summary>What a <see cref="CutProxy"/> keeps from getting through.</summary>
[Flags]
internal enum Cut
{
    /// <summary>Nothing is cut.</summary>
    None = 0,

    /// <summary>What the callers send is lost; answers still pass.</summary>
    ToTarget = 1,

    /// <summary>Answers are lost; what the callers send still passes.</summary>
    FromTarget = 2,

    Both = ToTarget | FromTarget,
}
