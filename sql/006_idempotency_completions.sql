-- Idempotency keys whose work is a transaction in this database: the transaction itself completes the key, so that effect and record commit or
-- vanish together. OrleansPatterns.Postgres calls the function below at the end of the work, in the transaction that did it:
--
--     await transaction.CompleteExecutionAsync(execution, result);
--     await transaction.CommitAsync();
--
-- One row a key, the highest execution token wins. A row says either that its execution is completed, with this result; or that it has been
-- given up and can never be: that is what the key's grain writes before anybody else may run. Only one of the two can be first, and the
-- other one finds it:
--   * The executor has committed and then died, or its report was lost: the grain, asked by the next caller, finds the result and hands it on.
--   * The executor was too slow, and is given up: its own call fails with SQLSTATE OP002 whenever it comes, and its transaction with it.
--   * The executor's transaction is open and holds the row: the grain waits for it for a moment, and tells the next caller to come again.
--     A transaction that is left open therefore keeps its key; idle_in_transaction_session_timeout ends that.
--   * Under REPEATABLE READ or SERIALIZABLE a row that was written since the snapshot is a serialization_failure (40001): nothing was
--     committed, the key is free.
--
-- The key's own row must be in orleans_storage beside this table (else SQLSTATE OP003): in another database than the cluster's, the record
-- would be one that no grain ever finds. A snapshot that is older than the execution does not see that row either.
--
-- The same execution may complete again with the same result in the same transaction; in another one it may not, since that would be the
-- work a second time.
--
-- Rows stay for as long as the key's own row does, and at least to expires_at; then the silos' sweeper removes them. The role of the
-- application needs select, insert and update on this table, and select on orleans_storage.

create table if not exists orleanspatterns_idempotency (
    service_id      text        not null,
    key             text        not null,
    execution_token bigint      not null,
    is_completed    boolean     not null,
    result          bytea,
    transaction_id  xid8        not null,
    decided_at      timestamptz not null,
    expires_at      timestamptz not null,
    primary key (service_id, key),
    check (is_completed = (result is not null))
)
with (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);

create index if not exists orleanspatterns_idempotency_expires_at on orleanspatterns_idempotency (service_id, expires_at);

-- Not "create or replace", and with a search_path of its own: see 004_fencing.sql.
do $script$
begin
    create function orleanspatterns_complete_execution(service_id text, key text, execution_token bigint, result bytea, retention interval)
    returns void
    language plpgsql
    as $function$
    #variable_conflict use_column
    begin
        perform from orleans_storage
        where serviceid = orleanspatterns_complete_execution.service_id
          and statename = 'idempotency'
          and grainkeyn0 = 0
          and grainkeyn1 = 0
          and grainkeytext = 'idempotency/' || orleanspatterns_complete_execution.key;
        if not found then
            raise 'the idempotency key "%" of service "%" is not in this database',
                orleanspatterns_complete_execution.key, orleanspatterns_complete_execution.service_id
                using errcode = 'OP003',
                      hint = 'Use the database of the cluster, and begin the transaction after the execution.';
        end if;

        -- Where the condition does not hold nothing is updated, but the row is locked all the same.
        insert into orleanspatterns_idempotency as stored (
            service_id, key, execution_token, is_completed, result, transaction_id, decided_at, expires_at)
        values (
            orleanspatterns_complete_execution.service_id, orleanspatterns_complete_execution.key,
            orleanspatterns_complete_execution.execution_token, true, orleanspatterns_complete_execution.result, pg_current_xact_id(),
            clock_timestamp(), clock_timestamp() + retention)
        on conflict (service_id, key) do update
        set execution_token = excluded.execution_token,
            is_completed = true,
            result = excluded.result,
            transaction_id = excluded.transaction_id,
            decided_at = excluded.decided_at,
            expires_at = excluded.expires_at
        where stored.execution_token < excluded.execution_token
           or (stored.execution_token = excluded.execution_token
               and stored.transaction_id = excluded.transaction_id
               and stored.result = excluded.result);
        if not found then
            raise 'execution % of "%" has ended', orleanspatterns_complete_execution.execution_token, orleanspatterns_complete_execution.key
                using errcode = 'OP002',
                      hint = 'Roll the transaction back. Ask for the key again to get the result that counts.';
        end if;
    end
    $function$;

    execute format(
        'alter function orleanspatterns_complete_execution(text, text, bigint, bytea, interval) set search_path = %I, pg_temp', current_schema());
exception
    when duplicate_function then null;
end
$script$;

insert into orleanspatterns_schema (version, script)
values (6, '006_idempotency_completions.sql')
on conflict (version) do nothing;
