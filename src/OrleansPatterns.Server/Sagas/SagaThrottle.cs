using System.Collections.Concurrent;

namespace OrleansPatterns.Server.Sagas;

/// <summary>How many sagas of a definition have steps running in this silo; see <c>ISagaBuilder.MaxConcurrency</c>.</summary>
internal sealed class SagaThrottle
{
    private readonly ConcurrentDictionary<string, Room> _rooms = new(StringComparer.Ordinal);

    /// <summary>Takes a place, or stands in line for one.</summary>
    /// <param name="definition">The definition; all its versions share the places of the one that asks.</param>
    /// <param name="onGranted">Called once when a place is given later, in any thread; must not throw.</param>
    internal SagaSlot Enter(SagaDefinition definition, Action onGranted)
    {
        var room = _rooms.GetOrAdd(definition.Name, static _ => new Room());
        var slot = new SagaSlot(room, onGranted);
        room.Enter(slot, definition.MaxConcurrency ?? int.MaxValue);
        return slot;
    }

    internal sealed class Room
    {
        private readonly Lock _gate = new();
        private readonly LinkedList<SagaSlot> _waiting = new();
        private int _taken;

        internal void Enter(SagaSlot slot, int places)
        {
            lock (_gate)
            {
                if (_taken < places)
                {
                    _taken++;
                    slot.IsGranted = true;
                }
                else
                {
                    _waiting.AddLast(slot);
                }
            }
        }

        /// <summary>Gives the place to the next in line, or leaves the line.</summary>
        internal void Leave(SagaSlot slot)
        {
            SagaSlot? next;
            lock (_gate)
            {
                if (!slot.IsGranted)
                {
                    _waiting.Remove(slot);
                    return;
                }

                slot.IsGranted = false;
                next = _waiting.First?.Value;
                if (next is null)
                {
                    _taken--;
                    return;
                }

                _waiting.RemoveFirst();
                next.IsGranted = true;
            }

            next.Tell();
        }
    }
}
