-- Search in the catalog: by what a saga's summary contains (definition, step, attributes), and by how long ago a row was created.
--
-- created_at: when the row was first written. Its default sets it, and no upsert touches it, so silos of an earlier build go on as before. Rows
-- that are there already count as created when they were last written. The column comes without a default at first: a default that changes
-- from row to row would rewrite the table and all its indexes. Even so the one update writes each row anew, and until the script is through
-- nobody else reads or writes the catalog: about 3 s for 100,000 rows.
--
-- orleanspatterns_catalog_saga_summary: answers "summary @> ...". Of sagas only, since the other patterns have next to nothing in their
-- summaries, and a query must say pattern = 'saga' in so many words to use it. jsonb_path_ops: one entry for each value with the path to it, so
-- that the index knows @> only, and is small. What it costs is paid by each write of a saga's row, which is never in place (HOT) as updated_at
-- is indexed, and by each claim of a due one: 50,000 upserts with seven values in the summary wrote 45 MB of WAL instead of 32, in one and a
-- half to two times the time. Entries are gathered in the index's pending list first (fastupdate); without that it would be three times the time.

alter table orleanspatterns_catalog add column if not exists created_at timestamptz;
alter table orleanspatterns_catalog alter column created_at set default clock_timestamp();
update orleanspatterns_catalog set created_at = updated_at where created_at is null;
alter table orleanspatterns_catalog alter column created_at set not null;

create index if not exists orleanspatterns_catalog_saga_summary
    on orleanspatterns_catalog using gin (summary jsonb_path_ops) where pattern = 'saga';

insert into orleanspatterns_schema (version, script)
values (7, '007_catalog_search.sql')
on conflict (version) do nothing;
