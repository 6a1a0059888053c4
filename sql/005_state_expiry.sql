-- From when on a grain's state counts as absent, so that its row may go. The group-commit storage keeps that time beside the state of a grain
-- that has one; one silo at a time removes the rows that are past it, in small batches. See IExpiringState.
--
-- expiresat: null for a state that stays. The storage rounds it up to the full hour, so that most writes leave it as it is: then they stay in
-- place (HOT), although the column is indexed.
--
-- expiresversion: the version of the row that expiresat was written with. Whoever writes a row and knows nothing of these two columns, as the
-- ADO.NET provider and silos of an earlier build, moves the version on and leaves them behind: the time is then known to be stale, and
-- nothing is removed by it. So neither those silos nor the query texts in orleansquery have to know of this script.
--
-- Both columns are added without a rewrite of the table. The index reads it once, and writers wait meanwhile; it is empty at first.

alter table orleans_storage
    add column if not exists expiresat timestamptz,
    add column if not exists expiresversion integer;

create index if not exists orleans_storage_expiresat on orleans_storage (serviceid, expiresat) where expiresat is not null;

insert into orleanspatterns_schema (version, script)
values (5, '005_state_expiry.sql')
on conflict (version) do nothing;
