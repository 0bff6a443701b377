-- Text that is not JSON, and ids, may hold what PostgreSQL cannot (U+0000): stored-text.ts says how it is written.
-- Times are milliseconds since 1970. Ids sort by code points.

create table runs (
  run_id text collate "C" primary key,
  orchestration text not null,
  version integer not null,
  fingerprint text not null,
  format integer not null,
  status text not null,
  -- The last entry of the journal. Whoever appends says which one that is, and updates nothing if it is another.
  seq bigint not null,
  states text[] not null,
  -- Each a JSON array of name and value.
  tags text[] not null,
  created_at double precision not null,
  updated_at double precision not null,
  parent_run_id text,
  parent_seq bigint,
  -- Key of the advisory lock that the session of the owner holds for as long as it lives.
  owner bigint,
  -- The store object that watches the run, 0 if several do. Changes are notified to others only: commits that notify
  -- go one by one.
  watched_by bigint
) with (fillfactor = 70);

-- Columns that change with every append (seq, states, updated_at) stay out of indexes: the update then touches none.
create index runs_by_age on runs (created_at desc, run_id desc);
create index runs_by_orchestration on runs (orchestration, created_at desc, run_id desc);
create index runs_by_status on runs (status, created_at desc, run_id desc);
create index runs_by_tag on runs using gin (tags);

create table definitions (
  fingerprint text collate "C" primary key,
  data text not null
);

create table entries (
  run_id text collate "C" not null,
  seq bigint not null,
  at double precision not null,
  data text not null,
  primary key (run_id, seq)
);

create table snapshots (
  run_id text collate "C" primary key,
  seq bigint not null,
  data text not null
);

create table requests (
  run_id text collate "C" not null,
  request_id text collate "C" not null,
  orchestration text not null,
  kind text not null,
  state_name text not null,
  message text not null,
  wait_until double precision,
  opened_at double precision not null,
  input text not null,
  answer text,
  answered_at double precision,
  primary key (run_id, request_id)
);

create index open_requests on requests (opened_at, run_id, request_id) where answer is null;
create index open_requests_by_orchestration on requests (orchestration, opened_at, run_id, request_id)
  where answer is null;

create table documents (
  collection text collate "C" not null,
  id text collate "C" not null,
  data text not null,
  revision bigint not null,
  primary key (collection, id)
);
