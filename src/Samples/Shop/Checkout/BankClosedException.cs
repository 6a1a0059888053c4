namespace Shop.Checkout;

/// <summary>The bank takes no refunds at the moment. Only a person can find out when it will.</summary>
internal sealed class BankClosedException() : Exception("The bank takes no refunds at the moment; ask it, and then try again.");
