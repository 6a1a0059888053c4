-- Which scripts this schema has seen.
--
-- Every script of this folder ends by recording itself here, whoever runs it: a silo as it starts, or a person with
--     psql -v ON_ERROR_STOP=1 -f 000_schema_version.sql -f 001_orleans_clustering.sql -f ...
-- A silo or client that finds a script missing, or one recorded that it has never heard of, says so and does not start.
--
-- For all scripts: run them in the order of their numbers; running one again changes nothing; names are unqualified, so the
-- search_path of the connection decides the schema. A released script is never edited: a change is a new script.

create table if not exists orleanspatterns_schema (
    version    integer     primary key,
    script     text        not null,
    applied_at timestamptz not null default clock_timestamp()
);

insert into orleanspatterns_schema (version, script)
values (0, '000_schema_version.sql')
on conflict (version) do nothing;
