namespace OrleansPatterns.Tests.Sagas;

/// <summary>What the simulated grain or runner does wrong, to see that the simulation finds it.</summary>
public enum SagaSimulationFlaw
{
    None = 0,

    /// <summary>The key of an action is not sealed before the action is undone.</summary>
    NoSeal = 1,

    /// <summary>The row is not announced before a saga ends or stops.</summary>
    NoAnnouncementOfStops = 2,

    /// <summary>The announcement has the version of the record that is there already.</summary>
    AnnouncementOfOldVersion = 3,

    /// <summary>A wake-up that finds nothing to do leaves the ETag, and so the announced version, as it is.</summary>
    NoFence = 4,

    /// <summary>The record is written first and the row afterwards.</summary>
    NoAnnouncement = 5,

    /// <summary>An attempt begins although its record is old, without asking.</summary>
    NoConfirmation = 6,
}
