using OrleansPatterns.Idempotency;

namespace OrleansPatterns.Tests.Idempotency;

[Alias("OrleansPatterns.Tests.Idempotency.IAccountGrain")]
public interface IAccountGrain : IGrainWithStringKey
{
    [Idempotent]
    [Alias("Withdraw")]
    Task<Booking> WithdrawAsync(int amount, CancellationToken cancellationToken);

    [Alias("Close")]
    Task CloseAsync(int fee);

    [Idempotent]
    [Alias("Transfer")]
    Task<Booking> TransferAsync(IAccountGrain other, int amount);

    [Idempotent]
    [Alias("SetInt")]
    Task<string> SetAsync(int value);

    [Idempotent]
    [Alias("SetLong")]
    Task<string> SetAsync(long value);

    [Idempotent]
    [Alias("Break")]
    Task<object> BreakAsync();

    /// <summary>Not idempotent itself.</summary>
    [Alias("Forward")]
    Task<Booking> ForwardAsync(IAccountGrain other, int amount);

    [Alias("GetWithdrawn")]
    Task<int> GetWithdrawnAsync();
}

[GenerateSerializer, Alias("OrleansPatterns.Tests.Idempotency.Booking")]
public sealed record Booking([property: Id(0)] int Number, [property: Id(1)] int Withdrawn);

/// <summary>Keeps its money in memory only, so that a test sees whether a method has run.</summary>
internal sealed class AccountGrain : Grain, IAccountGrain
{
    private int _bookings;
    private int _withdrawn;

    public Task<Booking> WithdrawAsync(int amount, CancellationToken cancellationToken) =>
        amount < 0
            ? throw new NotSupportedException(amount.ToString(System.Globalization.CultureInfo.InvariantCulture))
            : Task.FromResult(new Booking(++_bookings, _withdrawn += amount));

    [Idempotent(IsKeyRequired = false, OnAbandoned = OnAbandoned.Park)]
    public Task CloseAsync(int fee)
    {
        _withdrawn += fee;
        return Task.CompletedTask;
    }

    public Task<Booking> TransferAsync(IAccountGrain other, int amount) => other.WithdrawAsync(amount, CancellationToken.None);

    public Task<Booking> ForwardAsync(IAccountGrain other, int amount) => other.WithdrawAsync(amount, CancellationToken.None);

    public Task<string> SetAsync(int value) => Task.FromResult("int");

    public Task<string> SetAsync(long value) => Task.FromResult("long");

    public Task<object> BreakAsync()
    {
        _withdrawn++;
        return Task.FromResult<object>(new NotForTheWire());
    }

    private sealed class NotForTheWire;

    public Task<int> GetWithdrawnAsync() => Task.FromResult(_withdrawn);
}
