using System.Collections.Immutable;
using Microsoft.Extensions.DependencyInjection;
using OrleansPatterns.AspNetCore.Management;
using OrleansPatterns.Sagas;

namespace OrleansPatterns.AspNetCore.Sagas;

/// <summary>Sagas to look at, and to make go on.</summary>
internal static class SagaManagement
{
    internal static void Map(ManagementApi api)
    {
        api.Read<Page<SagaItemView>>(
            "sagas",
            "Lists sagas, the most recently changed first.",
            (string? phase, string? definition, string? step, string? attribute, double? minAgeSeconds, string? search, int? limit, string? cursor, ISagaOperations sagas) =>
            {
                var list = new ListRequest(search, limit, cursor);
                var query = new SagaQuery
                {
                    Phase = PhaseOf(phase),
                    Definition = NullIfEmpty(definition),
                    Step = NullIfEmpty(step),
                    Attributes = AttributesOf(attribute),
                    MinAge = minAgeSeconds is { } age ? AgeOf(age) : null,
                    IdContains = search,
                    After = NullIfEmpty(cursor),
                    MaxCount = list.Size + 1,
                };
                return api.Show(async token => Page<SagaItemView>.Of(
                    await sagas.ListAsync(query, token), list.Size, static saga => saga.Cursor, SagaItemView.Of));
            });
        api.Read<SagaView>(
            "saga",
            "A saga: its steps, its history attempt by attempt, its data.",
            (string id, ISagaClient client, ISagaOperations operations) => api.Show(
                async token => await ReadAsync(id, client, operations, token), $"There is no saga '{id}'."));
        api.Act<SagaDeed>(
            "saga/retry",
            "Makes a stuck or parked saga go on where it stopped, with all its attempts anew.",
            (services, deed, by, token) => ActAsync(services, deed.Id, sagas => sagas.RetryAsync(deed.Id, by, deed.Reason, token), token));
        api.Act<SagaStepDeed>(
            "saga/skip",
            "Has a step passed over, because somebody has seen to it otherwise.",
            (services, deed, by, token) => ActAsync(services, deed.Id, sagas => sagas.SkipAsync(deed.Id, deed.Step, by, deed.Reason, token), token));
        api.Act<SagaDeed>(
            "saga/compensate",
            "Has a saga undone that is stuck or parked while going forward.",
            (services, deed, by, token) => ActAsync(services, deed.Id, sagas => sagas.CompensateAsync(deed.Id, by, deed.Reason, token), token));
        api.Act<SagaDeed>(
            "saga/give-up",
            "Ends a saga as it is: what was done, or may have been, stands.",
            (services, deed, by, token) => ActAsync(services, deed.Id, sagas => sagas.GiveUpAsync(deed.Id, by, deed.Reason, token), token));
        api.Act<SagaDeed>(
            "saga/cancel",
            "Has what a running saga did undone.",
            (services, deed, _, token) => ActAsync(
                services, deed.Id, _ => services.GetRequiredService<ISagaClient>().CancelAsync(deed.Id, token), token));
    }

    private static async Task<object> ActAsync(
        IServiceProvider services, string id, Func<ISagaOperations, Task<SagaStatus>> act, CancellationToken cancellationToken)
    {
        var operations = services.GetRequiredService<ISagaOperations>();
        var after = await act(operations);
        return await ReadAsync(id, services.GetRequiredService<ISagaClient>(), operations, cancellationToken) ?? SagaView.Of(after, history: null, data: null);
    }

    private static async Task<SagaView?> ReadAsync(string id, ISagaClient client, ISagaOperations operations, CancellationToken cancellationToken)
    {
        try
        {
            var (status, history, data) = (
                client.GetStatusAsync(id, cancellationToken),
                client.GetHistoryAsync(id, cancellationToken),
                operations.GetDataAsync(id, cancellationToken));
            await Task.WhenAll(status, history, data);
            return SagaView.Of(await status, await history, await data);
        }
        catch (SagaNotFoundException)
        {
            return null;
        }
    }

    private static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private static SagaPhase? PhaseOf(string? phase) => string.IsNullOrEmpty(phase) ? null
        : Enum.TryParse<SagaPhase>(phase, out var known) && Enum.IsDefined(known) && known != SagaPhase.None && !char.IsAsciiDigit(phase[0]) ? known
        : throw new ArgumentException($"'phase' is '{phase}'; it must be one of {string.Join(", ", Enum.GetNames<SagaPhase>().Skip(1))}.");

    private static TimeSpan AgeOf(double seconds) => seconds is >= 0 and <= 1_000_000_000
        ? TimeSpan.FromSeconds(seconds)
        : throw new ArgumentException($"'minAgeSeconds' is {seconds}; it must be 0 to 1,000,000,000.");

    private static ImmutableDictionary<string, string> AttributesOf(string? attribute)
    {
        if (string.IsNullOrEmpty(attribute))
        {
            return ImmutableDictionary<string, string>.Empty;
        }

        var end = attribute.IndexOf(':', StringComparison.Ordinal);
        return end > 0
            ? ImmutableDictionary<string, string>.Empty.Add(attribute[..end], attribute[(end + 1)..])
            : throw new ArgumentException($"'attribute' is '{attribute}'; it must be a name and a value with a colon between them.");
    }
}
