-- Grain state for Microsoft.Orleans.Persistence.AdoNet 10.4: one row a state, and the statements that the provider reads from orleansquery
-- when a silo starts.
--
-- A state is known by service, state name and grain key; the grain's type is no part of it, so state names must be unique. The key
-- arrives in three parts: two numbers, and the text of a key that is no number. No text is stored as the empty text, which Orleans never
-- sends. The primary key with "on conflict" is what lets only one of two first writers win; "where not exists" lets both in.
--
-- Versions: a write, and a clear, names the version that it replaces, null for none. It answers with the new version, or with no row if it
-- lost, which Orleans reports as InconsistentStateException. Clearing keeps the row and its version, so that an old version never
-- fits again.

create table if not exists orleans_storage (
    serviceid     text        not null,
    statename     text        not null,
    grainkeyn0    bigint      not null,
    grainkeyn1    bigint      not null,
    grainkeytext  text        not null,
    version       integer     not null,
    payloadbinary bytea,
    modifiedat    timestamptz not null default clock_timestamp(),
    primary key (serviceid, statename, grainkeyn0, grainkeyn1, grainkeytext)
)
-- Every write is an update: room on the page and no index on what changes keep it in place (HOT), and vacuum must not wait for a fifth
-- of a large table to be dead.
with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);

insert into orleansquery (querykey, querytext) values

('ReadFromStorageKey', $query$
select payloadbinary, version
from orleans_storage
where serviceid = @ServiceId
  and statename = @GrainTypeString
  and grainkeyn0 = @GrainIdN0
  and grainkeyn1 = @GrainIdN1
  and grainkeytext = coalesce(@GrainIdExtensionString, '')
$query$),

-- The version is a 32-bit number in Orleans. It starts again at 1 rather than fail the two billionth write of a busy grain.
('WriteToStorageKey', $query$
with updated as (
    update orleans_storage
    set payloadbinary = @PayloadBinary,
        version = case when version = 2147483647 then 1 else version + 1 end,
        modifiedat = clock_timestamp()
    where serviceid = @ServiceId
      and statename = @GrainTypeString
      and grainkeyn0 = @GrainIdN0
      and grainkeyn1 = @GrainIdN1
      and grainkeytext = coalesce(@GrainIdExtensionString, '')
      and version = @GrainStateVersion
    returning version
),
inserted as (
    insert into orleans_storage (serviceid, statename, grainkeyn0, grainkeyn1, grainkeytext, version, payloadbinary)
    select @ServiceId, @GrainTypeString, @GrainIdN0, @GrainIdN1, coalesce(@GrainIdExtensionString, ''), 1, @PayloadBinary
    where @GrainStateVersion is null
    on conflict (serviceid, statename, grainkeyn0, grainkeyn1, grainkeytext) do nothing
    returning version
)
select version as newgrainstateversion from updated
union all
select version from inserted
$query$),

('ClearStorageKey', $query$
update orleans_storage
set payloadbinary = null,
    version = case when version = 2147483647 then 1 else version + 1 end,
    modifiedat = clock_timestamp()
where serviceid = @ServiceId
  and statename = @GrainTypeString
  and grainkeyn0 = @GrainIdN0
  and grainkeyn1 = @GrainIdN1
  and grainkeytext = coalesce(@GrainIdExtensionString, '')
  and version = @GrainStateVersion
returning version as newgrainstateversion
$query$),

-- Only with DeleteStateOnClear. The answer is no version of any row; it must merely differ from the old one.
('DeleteStorageKey', $query$
delete from orleans_storage
where serviceid = @ServiceId
  and statename = @GrainTypeString
  and grainkeyn0 = @GrainIdN0
  and grainkeyn1 = @GrainIdN1
  and grainkeytext = coalesce(@GrainIdExtensionString, '')
  and version = @GrainStateVersion
returning case when version = 2147483647 then 1 else version + 1 end as newgrainstateversion
$query$)

on conflict (querykey) do update
set querytext = excluded.querytext
where orleansquery.querytext is distinct from excluded.querytext;

insert into orleanspatterns_schema (version, script)
values (2, '002_orleans_persistence.sql')
on conflict (version) do nothing;
