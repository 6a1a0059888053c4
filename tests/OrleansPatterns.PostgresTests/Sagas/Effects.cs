using System.Globalization;
using Npgsql;
using OrleansPatterns.Sagas;

namespace OrleansPatterns.PostgresTests.Sagas;

/// <summary>
/// What the steps do: a row in <c>effects</c> while a step's effect stands, and a line in <c>trail</c> for each body that begins. What fails, and how, is
/// decided by saga, step and attempt alone.
/// </summary>
internal sealed class Effects(NpgsqlDataSource database)
{
    internal const string Schema =
        """
        create table effects (saga text, step text, primary key (saga, step));
        create table trail (number bigserial primary key, saga text, step text, is_undo boolean, attempt int, process int, at timestamptz default clock_timestamp());
        """;

    private const string Begin = "insert into trail (saga, step, is_undo, attempt, process) values ($1, $2, $3, $4, $5)";
    private const string Do = "insert into effects (saga, step) values ($1, $2) on conflict do nothing";
    private const string Undo = "delete from effects where saga = $1 and step = $2";

    internal async Task DoAsync(SagaStepContext<EffectsData> step, CancellationToken cancellationToken)
    {
        await ExecuteAsync(Begin, cancellationToken, step.SagaId, step.StepName, false, step.Attempt, Environment.ProcessId);
        var fate = FateOf(step);
        switch (fate)
        {
            case < 6:
                throw new InvalidOperationException("before the effect");
            case < 8:
                throw new SagaRejectedException("no");
        }

        if (step.Data.RunsOnce)
        {
            await step.ExecuteOnceAsync(
                async token =>
                {
                    await ExecuteAsync(Do, token, step.SagaId, step.StepName);
                    return true;
                },
                cancellationToken);
        }
        else
        {
            await ExecuteAsync(Do, cancellationToken, step.SagaId, step.StepName);
        }

        if (fate < 14)
        {
            throw new InvalidOperationException("after the effect");
        }
    }

    internal async Task UndoAsync(SagaStepContext<EffectsData> step, CancellationToken cancellationToken)
    {
        await ExecuteAsync(Begin, cancellationToken, step.SagaId, step.StepName, true, step.Attempt, Environment.ProcessId);
        if (FateOf(step) < 10)
        {
            throw new InvalidOperationException("not yet");
        }

        await ExecuteAsync(Undo, cancellationToken, step.SagaId, step.StepName);
    }

    /// <summary>0 to 99. A step that has had its effect does not say later that it never will: rejection depends on the first attempt alone.</summary>
    private static int FateOf(SagaStepContext<EffectsData> step)
    {
        var fate = Hash(string.Create(CultureInfo.InvariantCulture, $"{step.SagaId}/{step.StepName}/{step.IsCompensation}/{step.Attempt}"));
        return fate is 6 or 7 && step.Attempt > 1 ? 99 : fate;
    }

    private static int Hash(string text) => (int)(text.Aggregate(2166136261u, (hash, character) => (hash ^ character) * 16777619u) % 9973 % 100);

    private async Task ExecuteAsync(string sql, CancellationToken cancellationToken, params object[] parameters)
    {
        await using var command = database.CreateCommand(sql);
        foreach (var parameter in parameters)
        {
            command.Parameters.AddWithValue(parameter);
        }

        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
