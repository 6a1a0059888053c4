-- The books of the shop: what the services did, as they did it. Nothing here prevents a double entry: that is what the patterns are for,
-- and what the check at the end of the run looks for. Processes that start together run this one after the other: "if not exists" alone lets two of them
-- find nothing and both create it.

select pg_advisory_xact_lock(hashtextextended('shop.sql', 0));

create table if not exists stock (
    sku         text primary key,
    initial     integer not null,
    available   integer not null check (available >= 0)
);

create table if not exists stock_movements (
    id          bigint generated always as identity primary key,
    order_id    text not null,
    sku         text not null,
    quantity    integer not null,   -- positive: reserved; negative: given back
    token       bigint not null
);
create index if not exists stock_movements_order on stock_movements (order_id);

create table if not exists payments (
    id          bigint generated always as identity primary key,
    order_id    text not null,
    amount      numeric(12, 2) not null,   -- positive: charged; negative: refunded
    instance    text not null
);
create index if not exists payments_order on payments (order_id);

create table if not exists shipments (
    order_id    text primary key,
    sku         text not null,
    quantity    integer not null
);

-- Orders whose compensation was here first: a forward call that arrives after it must not take effect.
create table if not exists voided (
    service     text not null,
    order_id    text not null,
    primary key (service, order_id)
);

-- One row each time an order's handler began, by silo process.
create table if not exists handler_runs (
    id          bigint generated always as identity primary key,
    order_id    text not null,
    silo        text not null
);
