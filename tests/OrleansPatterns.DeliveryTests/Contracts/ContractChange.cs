namespace OrleansPatterns.DeliveryTests.Contracts;

/// <summary>One line of the listing that is not as it was, and what that means for those who know it as it was.</summary>
/// <param name="Weight">What it means.</param>
/// <param name="Text">Where, and the line before and after.</param>
/// <param name="Advice">What follows from it.</param>
internal sealed record ContractChange(ChangeWeight Weight, string Text, string Advice);
