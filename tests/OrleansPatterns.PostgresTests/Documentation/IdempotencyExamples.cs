#pragma warning disable CA1822, IDE0059 // The code is what a reader sees: short, and not used further.

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using OrleansPatterns.AspNetCore.Idempotency;
using OrleansPatterns.Idempotency;

namespace OrleansPatterns.PostgresTests.Documentation;

/// <summary>The examples of <c>docs/idempotency.md</c>, see <see cref="ExampleTests"/>.</summary>
internal sealed class IdempotencyExamples
{
    internal sealed record Transfer(string Id, decimal Amount);

    internal sealed record Receipt(string Number);

    internal sealed class CardDeclinedException : Exception;

    internal interface IBank
    {
        Task<Receipt> TransferAsync(Transfer transfer, CancellationToken cancellationToken);
    }

    internal interface ITransfers
    {
        Task<Receipt> InsertAsync(NpgsqlTransaction transaction, Transfer transfer, CancellationToken cancellationToken);

        Task<Receipt?> FindAsync(string id, CancellationToken cancellationToken);
    }

    #region IDEMPOTENCY-GRAIN
    [Alias("Bank.IAccountGrain")]
    public interface IAccountGrain : IGrainWithStringKey
    {
        [Alias("Withdraw"), Idempotent]
        Task WithdrawAsync(decimal amount);
    }
    #endregion

    internal async Task FirstAsync(IIdempotencyStore idempotency, Transfer transfer, IBank bank, CancellationToken cancellationToken)
    {
        #region IDEMPOTENCY-FIRST
        var receipt = await idempotency.ExecuteAsync(
            new IdempotencyKey("transfers", transfer.Id), RequestFingerprint.Of(transfer), token => bank.TransferAsync(transfer, token), cancellationToken: cancellationToken);
        #endregion
    }

    internal async Task InTransactionAsync(
        IIdempotencyStore idempotency, Transfer transfer, ITransfers transfers, NpgsqlDataSource database)
    {
        #region IDEMPOTENCY-TRANSACTION
        var receipt = await idempotency.ExecuteInTransactionAsync(
            new IdempotencyKey("transfers", transfer.Id), RequestFingerprint.Of(transfer), database,
            (transaction, token) => transfers.InsertAsync(transaction, transfer, token));
        #endregion
    }

    internal void Http(WebApplicationBuilder builder, WebApplication app)
    {
        #region IDEMPOTENCY-HTTP
        builder.Services.AddHttpIdempotency(options => options.Retention = TimeSpan.FromDays(3));

        app.MapPost("/transfers", (Transfer transfer) => Results.Created($"/transfers/{transfer.Id}", transfer))
            .WithIdempotency(options => options.OnAbandoned = OnAbandoned.Park);
        #endregion
    }

    #region IDEMPOTENCY-CONTROLLER
    [ApiController, Route("transfers"), IdempotentAction(RetentionSeconds = 3 * 24 * 60 * 60)]
    internal sealed class TransfersController : ControllerBase
    {
        [HttpPost]
        public IActionResult Post(Transfer transfer) => Created($"/transfers/{transfer.Id}", transfer);
    }
    #endregion

    internal async Task MessageAsync(IIdempotencyStore idempotency, string messageId, Func<Task> handleAsync, Func<Task> acknowledgeAsync)
    {
        #region IDEMPOTENCY-MESSAGE
        await using (var execution = await idempotency.TryBeginAsync(new IdempotencyKey("billing", messageId)))
        {
            if (execution is not null)
            {
                await handleAsync();
                await execution.CompleteAsync();
            }
        }

        await acknowledgeAsync();
        #endregion
    }

    internal async Task GrainAsync(IGrainFactory grains, ISiloBuilder silo, string transferId)
    {
        #region IDEMPOTENCY-GRAIN-CALL
        silo.AddIdempotentGrainCalls();

        using (IdempotentCall.With(transferId))
        {
            await grains.GetGrain<IAccountGrain>("lena").WithdrawAsync(100);
        }
        #endregion
    }

    internal void Configure(IServiceCollection services)
    {
        #region IDEMPOTENCY-OPTIONS
        services.Configure<IdempotencyOptions>(options =>
        {
            options.OnAbandoned = OnAbandoned.Park;
            options.OnFailure = exception => exception is CardDeclinedException ? OnFailure.Remember : OnFailure.Forget;
        });
        #endregion
    }

    internal async Task OperateAsync(IIdempotencyOperations operations, Receipt? found)
    {
        #region IDEMPOTENCY-OPERATIONS
        var key = new IdempotencyKey("transfers", "4711");
        var status = await operations.GetStatusAsync(key);

        // After somebody has looked whether the work took effect, one of these:
        var isRecorded = found is not null && await operations.CompleteAsync(key, status.ExecutionToken, found);
        var isFreed = found is null && await operations.FreeAsync(key, status.ExecutionToken);
        #endregion
    }

    internal async Task MigrateAsync(IIdempotencyStore idempotency, Transfer transfer, ITransfers transfers, IBank bank)
    {
        #region IDEMPOTENCY-MIGRATION
        var receipt = await idempotency.ExecuteAsync(
            new IdempotencyKey("transfers", transfer.Id),
            RequestFingerprint.Of(transfer),
            async token => await transfers.FindAsync(transfer.Id, token) ?? await bank.TransferAsync(transfer, token));
        #endregion
    }
}
