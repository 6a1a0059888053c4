-- Fencing: the protected resource's half of a lock. A holder that was paused may write after the lock has passed on, and cannot know it;
-- its token gives it away. The tokens of one lock only grow, with gaps, from 1. So a resource remembers the highest token that it has seen
-- and refuses lower ones; an equal one is the same holder writing again. In one transaction, before reading what the write is based on:
--
--     begin;
--     select orleanspatterns_require_fence('sku-42', 17);    -- fails with SQLSTATE OP001 if a newer token has been seen
--     update stock set available = available - 1 where sku = 'sku-42';
--     commit;
--
-- orleanspatterns_fence('sku-42', 17) is the same as a question: true, or false for a stale token, after which it is up to you not to write.
--
-- The resource is any text of yours. It stands for what one lock protects, so the lock's name will do; tokens of different locks cannot be
-- compared. Services with different service ids have locks of their own: let them put their names in front if they share this table.
--
-- Why this holds:
--   * The call locks the resource's row until the transaction ends. So writers come one after the other, and none slips in between another's
--     check and its commit. Outside a transaction the lock ends with the call, and the check protects nothing.
--   * READ COMMITTED: who had to wait decides by what was committed meanwhile, and its next statements see it. REPEATABLE READ, SERIALIZABLE:
--     a resource that was fenced since the snapshot is a serialization_failure (40001); repeat the transaction with the same token.
--   * A rollback forgets the token together with all that was written under it: an older write that comes now overwrites nothing newer.
--     Who reads in one transaction and writes in another fences, and commits, both.
--
-- What it costs: a holder that is paused between the fence and its commit keeps newer ones waiting; idle_in_transaction_session_timeout, or
-- their lock_timeout, ends that. Several resources in one transaction are fenced in one order by everybody, as with any rows, or they
-- deadlock. A role needs select, insert and update on the table; the functions are open to all. Deleting a row forgets its resource.
--
-- Without this table, if the resource is one row of yours: give it "last_token bigint not null default 0", and let each write check it,
--     update stock set available = available - 1, last_token = 17 where sku = 'sku-42' and last_token <= 17;
-- where no row updated means stale (or no such row).

create table if not exists orleanspatterns_fencing (
    resource   text   primary key check (resource <> ''),
    last_token bigint not null check (last_token > 0)
)
-- Nearly every call is an update: room on the page and no index on what changes keep it in place (HOT).
with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);

-- Not "create or replace", which would write the function anew each time. Its search_path leads to the table beside it, whatever the
-- caller's is, and to temporary tables last.
do $script$
begin
    create function orleanspatterns_fence(resource text, token bigint) returns boolean
    language plpgsql
    as $function$
    #variable_conflict use_column
    begin
        if coalesce(orleanspatterns_fence.resource, '') = '' then
            raise 'a fence has a resource, which is a text of at least one character; this one is %',
                case when orleanspatterns_fence.resource is null then 'null' else 'empty' end
                using errcode = 'invalid_parameter_value',
                      hint = 'Name what the lock protects; the name of the lock will do.';
        end if;

        if coalesce(token, 0) <= 0 then
            raise 'a fencing token is at least 1; this one, for resource "%", is %',
                orleanspatterns_fence.resource, coalesce(token::text, 'null')
                using errcode = 'invalid_parameter_value',
                      hint = 'Pass on the token that came with the lock.';
        end if;

        -- Where the condition does not hold nothing is updated, but the row is locked all the same.
        insert into orleanspatterns_fencing as seen (resource, last_token)
        values (orleanspatterns_fence.resource, token)
        on conflict (resource) do update
        set last_token = excluded.last_token
        where seen.last_token <= excluded.last_token;
        return found;
    end
    $function$;

    execute format('alter function orleanspatterns_fence(text, bigint) set search_path = %I, pg_temp', current_schema());
exception
    when duplicate_function then null;
end
$script$;

do $script$
begin
    create function orleanspatterns_require_fence(resource text, token bigint) returns void
    language plpgsql
    as $function$
    declare
        newer bigint;
    begin
        if orleanspatterns_fence(resource, token) then
            return;
        end if;

        -- The row is locked by now, so this is the token that the answer was based on.
        select seen.last_token into strict newer
        from orleanspatterns_fencing as seen
        where seen.resource = orleanspatterns_require_fence.resource;

        -- OrleansPatterns.Postgres reads the newer token from this text.
        raise 'fencing token % is stale: token % has been seen for resource "%"', token, newer, resource
            using errcode = 'OP001',
                  hint = 'The lock has passed on. Give this write up, or acquire the lock again and decide anew, with the new token.';
    end
    $function$;

    execute format('alter function orleanspatterns_require_fence(text, bigint) set search_path = %I, pg_temp', current_schema());
exception
    when duplicate_function then null;
end
$script$;

insert into orleanspatterns_schema (version, script)
values (4, '004_fencing.sql')
on conflict (version) do nothing;
