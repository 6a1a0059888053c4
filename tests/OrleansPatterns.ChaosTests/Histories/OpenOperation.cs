namespace OrleansPatterns.ChaosTests.Histories;

/// <summary>A call whose answer is to be noted.</summary>
internal sealed class OpenOperation(HistoryWriter history, long number, string action, string key)
{
    internal void Ok(long? token = null, string? value = null) => Answer(Outcome.Ok, token, value, detail: null);

    internal void Refused(string why) => Answer(Outcome.Refused, token: null, value: null, why);

    internal void Unknown(Exception exception) => Answer(Outcome.Unknown, token: null, value: null, $"{exception.GetType().Name}: {exception.Message}");

    private void Answer(Outcome outcome, long? token, string? value, string? detail) =>
        history.Write(new HistoryLine(number, MonotonicClock.Now, IsAnswer: true, action, key, outcome, token, value, detail));
}
