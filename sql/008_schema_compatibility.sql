-- Which builds may go on, and start again, after a script: versions live together while a cluster is upgraded, silo by silo.
--
-- compatible_from: the lowest schema version that a build must know to work with the database once the script has been run. A script that only
-- adds (a table, a column with a default, an index) names an older version than its own, and then silos and clients of that build go on, start
-- again after a crash, and can be gone back to. Empty, as in the rows of scripts 0 to 7: the script's own version, so that an older build refuses.
-- Builds that know 7 or less do not read the column, and refuse all that they do not know.

alter table orleanspatterns_schema add column if not exists compatible_from integer;

insert into orleanspatterns_schema (version, script, compatible_from)
values (8, '008_schema_compatibility.sql', 8)
on conflict (version) do nothing;
