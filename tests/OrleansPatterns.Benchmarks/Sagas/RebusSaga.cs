using System.Collections.Concurrent;
using Rebus.Activation;
using Rebus.Backoff;
using Rebus.Bus;
using Rebus.Config;
using Rebus.Handlers;
using Rebus.Sagas;

namespace OrleansPatterns.Benchmarks.Sagas;

/// <summary>The same three steps as a Rebus saga: state and messages in PostgreSQL, a message from step to step.</summary>
public sealed class RebusSaga : IAsyncDisposable
{
    private const int Parallelism = 64;
    private static readonly TimeSpan LongestPoll = TimeSpan.FromMilliseconds(20);

    private readonly BuiltinHandlerActivator _activator = new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _running = new();
    private readonly IBus _bus;

    internal RebusSaga(string connectionString)
    {
        _activator.Register((bus, _) => new ThreeSteps(bus, this));

        // Its defaults wait up to 250 ms when a queue was empty: it is given shorter ones, as a team in a hurry would.
        _bus = Configure.With(_activator)
            .Logging(log => log.None())
            .Transport(transport => transport.UsePostgreSql(connectionString, "messages", "sagas"))
            .Sagas(sagas => sagas.StoreInPostgres(connectionString, "saga_data", "saga_index"))
            .Options(options =>
            {
                options.SetNumberOfWorkers(4);
                options.SetMaxParallelism(Parallelism);
                options.SetBackoffTimes(TimeSpan.FromMilliseconds(5), LongestPoll);
            })
            .Start();
    }

    internal async Task RunAsync(string id)
    {
        var completion = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _running[id] = completion;
        await _bus.SendLocal(new Start(id));
        await completion.Task;
    }

    public ValueTask DisposeAsync()
    {
        _activator.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Begins the saga and is its first step.</summary>
    /// <param name="Id">The saga.</param>
    public sealed record Start(string Id);

    /// <summary>The second step.</summary>
    /// <param name="Id">The saga.</param>
    public sealed record Second(string Id);

    /// <summary>The third step.</summary>
    /// <param name="Id">The saga.</param>
    public sealed record Third(string Id);

    /// <summary>The end, so that the caller hears of it after the third step is durable.</summary>
    /// <param name="Id">The saga.</param>
    public sealed record Done(string Id);

    /// <summary>What the steps share.</summary>
    public sealed class Data : ISagaData
    {
        /// <inheritdoc/>
        public Guid Id { get; set; }

        /// <inheritdoc/>
        public int Revision { get; set; }

        /// <summary>The saga's own id.</summary>
        public string SagaId { get; set; } = "";

        /// <summary>How far it is.</summary>
        public int Step { get; set; }
    }

    private sealed class ThreeSteps(IBus bus, RebusSaga owner)
        : Saga<Data>, IAmInitiatedBy<Start>, IHandleMessages<Second>, IHandleMessages<Third>, IHandleMessages<Done>
    {
        public async Task Handle(Start message)
        {
            Data.Step = 1;
            await bus.SendLocal(new Second(message.Id));
        }

        public async Task Handle(Second message)
        {
            Data.Step = 2;
            await bus.SendLocal(new Third(message.Id));
        }

        public async Task Handle(Third message)
        {
            Data.Step = 3;
            await bus.SendLocal(new Done(message.Id));
        }

        public Task Handle(Done message)
        {
            MarkAsComplete();
            if (owner._running.TryRemove(message.Id, out var completion))
            {
                completion.SetResult();
            }

            return Task.CompletedTask;
        }

        protected override void CorrelateMessages(ICorrelationConfig<Data> config)
        {
            config.Correlate<Start>(message => message.Id, data => data.SagaId);
            config.Correlate<Second>(message => message.Id, data => data.SagaId);
            config.Correlate<Third>(message => message.Id, data => data.SagaId);
            config.Correlate<Done>(message => message.Id, data => data.SagaId);
        }
    }
}
