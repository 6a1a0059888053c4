using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using OrleansPatterns.ChaosTests.Histories;
using OrleansPatterns.Sagas;

namespace OrleansPatterns.ChaosTests.Recovery;

/// <summary>One long step that leaves a row at each beat: when nobody works at it, rows are missing.</summary>
[SagaName("march")]
internal sealed class MarchSaga : Saga<MarchData>
{
    internal const string Schema = "create table march (saga text, at bigint)";

    internal static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(100);

    protected override void Define(ISagaBuilder<MarchData> saga) => saga.Step("march")
        .Do(MarchAsync)
        .NotCompensatable("Nothing is left behind but beats.")
        .Retry(new SagaRetry { MaxAttempts = SagaRetry.Unlimited, Delay = Beat, MaxDelay = TimeSpan.FromSeconds(1) })
        .Timeout(TimeSpan.FromHours(1));

    private static async Task MarchAsync(SagaStepContext<MarchData> step, CancellationToken cancellationToken)
    {
        var database = step.Services.GetRequiredService<NpgsqlDataSource>();
        var time = step.Services.GetRequiredService<TimeProvider>();
        while (true)
        {
            await using var beat = database.CreateCommand("insert into march (saga, at) values ($1, $2)");
            beat.Parameters.AddWithValue(step.SagaId);
            beat.Parameters.AddWithValue(MonotonicClock.Now);
            await beat.ExecuteNonQueryAsync(cancellationToken);
            await Task.Delay(Beat, time, cancellationToken);
        }
    }
}
