-- The catalog: a row beside each grain that people search for, that is to be woken at a time, or that expires. Orleans cannot list grains.
-- The grain's own state is the truth; a row is repaired from it. Due times are of this server's clock alone.

create table if not exists orleanspatterns_catalog (
    service_id text        not null,
    pattern    text        not null,
    key        text        not null,
    status     text        not null,
    summary    jsonb       not null,
    wake_at    timestamptz,
    expires_at timestamptz,
    version    bigint      not null,
    updated_at timestamptz not null,
    primary key (service_id, pattern, key)
)
with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);

-- Every silo asks several times a second what is due: most rows are not, and stay out of these indexes.
create index if not exists orleanspatterns_catalog_wake_at on orleanspatterns_catalog (service_id, wake_at) where wake_at is not null;
create index if not exists orleanspatterns_catalog_expires_at on orleanspatterns_catalog (service_id, expires_at) where expires_at is not null;

create index if not exists orleanspatterns_catalog_status on orleanspatterns_catalog (service_id, pattern, status, updated_at);

insert into orleanspatterns_schema (version, script)
values (3, '003_catalog.sql')
on conflict (version) do nothing;
