-- Cluster membership for Microsoft.Orleans.Clustering.AdoNet 10.4: two tables, and the statements that the provider reads from
-- orleansquery when a silo or client starts. Only the keys, the parameter names and the result columns are Orleans' own; it opens no
-- transaction, so each statement is atomic by itself.
--
-- Membership rests on one rule: whoever changes a silo's row must have seen the cluster's latest version, and moves that version on. So a
-- change locks the version row first (one order for all writers, hence no deadlock, and never two changes at once), compares, and does
-- both or neither. "for update" also makes READ COMMITTED see the version that a concurrent change has just committed.
-- Answers are exactly one boolean row: no row at all would be an exception in Orleans.

create table if not exists orleansquery (
    querykey  text primary key,
    querytext text not null
);

create table if not exists orleans_membership_version (
    deploymentid text    primary key,
    version      integer not null default 0
) with (fillfactor = 50);

-- Heartbeats rewrite every row each 2 seconds: room on the page and no index on what changes keep these updates in place (HOT).
-- Times keep their microseconds, since clean-up compares them with what was read.
create table if not exists orleans_membership (
    deploymentid text        not null references orleans_membership_version on delete cascade,
    address      text        not null,
    port         integer     not null,
    generation   integer     not null,
    siloname     text        not null,
    hostname     text        not null,
    status       integer     not null,
    proxyport    integer     not null,
    suspecttimes text,
    starttime    timestamptz not null,
    iamalivetime timestamptz not null,
    primary key (deploymentid, address, port, generation)
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 200);

insert into orleansquery (querykey, querytext) values

('InsertMembershipVersionKey', $query$
with inserted as (
    insert into orleans_membership_version (deploymentid)
    values (@DeploymentId)
    on conflict (deploymentid) do nothing
    returning 1
)
select exists (select from inserted)
$query$),

('InsertMembershipKey', $query$
with latest as materialized (
    select version
    from orleans_membership_version
    where deploymentid = @DeploymentId
    for update
),
inserted as (
    insert into orleans_membership
        (deploymentid, address, port, generation, siloname, hostname, status, proxyport, starttime, iamalivetime)
    select @DeploymentId, @Address, @Port, @Generation, @SiloName, @HostName, @Status, @ProxyPort, @StartTime, @IAmAliveTime
    from latest
    where latest.version = @Version
    on conflict (deploymentid, address, port, generation) do nothing
    returning 1
),
moved as (
    update orleans_membership_version
    set version = version + 1
    where deploymentid = @DeploymentId and exists (select from inserted)
    returning 1
)
select exists (select from moved)
$query$),

('UpdateMembershipKey', $query$
with latest as materialized (
    select version
    from orleans_membership_version
    where deploymentid = @DeploymentId
    for update
),
updated as (
    update orleans_membership as silo
    set status = @Status, suspecttimes = @SuspectTimes, iamalivetime = @IAmAliveTime
    from latest
    where latest.version = @Version
      and silo.deploymentid = @DeploymentId
      and silo.address = @Address
      and silo.port = @Port
      and silo.generation = @Generation
    returning 1
),
moved as (
    update orleans_membership_version
    set version = version + 1
    where deploymentid = @DeploymentId and exists (select from updated)
    returning 1
)
select exists (select from moved)
$query$),

-- A heartbeat is no change of membership: it leaves the version alone.
('UpdateIAmAlivetimeKey', $query$
update orleans_membership
set iamalivetime = @IAmAliveTime
where deploymentid = @DeploymentId and address = @Address and port = @Port and generation = @Generation
$query$),

-- One statement is one snapshot: a version never comes with the silos of another version. Without silos there is still the version.
('MembershipReadAllKey', $query$
select silo.address, silo.port, silo.generation, silo.siloname, silo.hostname, silo.status, silo.proxyport,
       silo.suspecttimes, silo.starttime, silo.iamalivetime, cluster.version
from orleans_membership_version as cluster
left join orleans_membership as silo using (deploymentid)
where cluster.deploymentid = @DeploymentId
$query$),

('MembershipReadRowKey', $query$
select silo.address, silo.port, silo.generation, silo.siloname, silo.hostname, silo.status, silo.proxyport,
       silo.suspecttimes, silo.starttime, silo.iamalivetime, cluster.version
from orleans_membership_version as cluster
left join orleans_membership as silo
    on silo.deploymentid = cluster.deploymentid
   and silo.address = @Address
   and silo.port = @Port
   and silo.generation = @Generation
where cluster.deploymentid = @DeploymentId
$query$),

('GatewaysQueryKey', $query$
select address, proxyport, generation
from orleans_membership
where deploymentid = @DeploymentId and status = @Status and proxyport > 0
$query$),

-- The silos go with their cluster's row (on delete cascade), which is thereby locked first here too.
('DeleteMembershipTableEntriesKey', $query$
delete from orleans_membership_version
where deploymentid = @DeploymentId
$query$),

-- Status 6 is Dead. A silo that is joining or shutting down is not defunct, however old its last heartbeat is.
('CleanupDefunctSiloEntriesKey', $query$
delete from orleans_membership
where deploymentid = @DeploymentId and status = 6 and starttime < @IAmAliveTime and iamalivetime < @IAmAliveTime
$query$),

-- Deletes one row that Orleans has read and judged, unless it has changed since.
('CleanupDefunctSiloEntryKey', $query$
delete from orleans_membership
where deploymentid = @DeploymentId and address = @Address and port = @Port and generation = @Generation
  and status = 6
  and starttime = @StartTime
  and iamalivetime = @IAmAliveTime
  and suspecttimes is not distinct from @SuspectTimes
$query$)

on conflict (querykey) do update
set querytext = excluded.querytext
where orleansquery.querytext is distinct from excluded.querytext;

insert into orleanspatterns_schema (version, script)
values (1, '001_orleans_clustering.sql')
on conflict (version) do nothing;
