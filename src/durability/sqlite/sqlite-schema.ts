/** Marks a SQLite file as one of ours ("ADVC"). */
export const applicationId = 0x41445643

/**
 * The steps from an empty file, attached as `store`, to the present format; a file of format n has gone through the first n. A step that was released
 * is never changed, only followed by another.
 *
 * Text is in columns of type ANY, which keep what they are given. Times are REAL, for clocks that count parts of milliseconds.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE store.definitions (
    fingerprint ANY PRIMARY KEY,
    data ANY NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE store.runs (
    id INTEGER PRIMARY KEY,
    run_id ANY NOT NULL UNIQUE,
    orchestration ANY NOT NULL,
    version INTEGER NOT NULL,
    fingerprint ANY NOT NULL REFERENCES definitions,
    format INTEGER NOT NULL,
    status TEXT NOT NULL,
    seq INTEGER NOT NULL,
    states TEXT NOT NULL, -- JSON array
    created_at REAL NOT NULL,
    updated_at REAL NOT NULL,
    parent_run_id ANY,
    parent_seq INTEGER,
    tags TEXT NOT NULL, -- JSON object
    owner TEXT, -- the store object that has it
    changes INTEGER NOT NULL -- of the journal and the answers, for those who watch
  ) STRICT;
  CREATE INDEX store.runs_by_age ON runs (created_at, run_id);
  CREATE INDEX store.runs_by_status ON runs (status, created_at, run_id);
  CREATE INDEX store.runs_by_orchestration ON runs (orchestration, created_at, run_id);
  CREATE INDEX store.runs_by_orchestration_and_status ON runs (orchestration, status, created_at, run_id);

  CREATE TABLE store.run_tags (
    run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
    name ANY NOT NULL,
    value ANY NOT NULL,
    PRIMARY KEY (run, name)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX store.run_tags_by_value ON run_tags (name, value, run);

  CREATE TABLE store.entries (
    run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
    seq INTEGER NOT NULL,
    at REAL NOT NULL,
    data ANY NOT NULL,
    PRIMARY KEY (run, seq)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE store.snapshots (
    run INTEGER PRIMARY KEY REFERENCES runs ON DELETE CASCADE,
    seq INTEGER NOT NULL,
    data ANY NOT NULL
  ) STRICT;

  CREATE TABLE store.requests (
    run_id ANY NOT NULL REFERENCES runs (run_id) ON DELETE CASCADE,
    request_id ANY NOT NULL,
    orchestration ANY NOT NULL,
    kind TEXT NOT NULL,
    state_name ANY NOT NULL,
    message ANY NOT NULL,
    until REAL,
    opened_at REAL NOT NULL,
    input ANY NOT NULL,
    answer ANY,
    answered_at REAL,
    answer_number INTEGER, -- the order they came in
    PRIMARY KEY (run_id, request_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX store.open_requests ON requests (opened_at, run_id, request_id) WHERE answer IS NULL;
  CREATE INDEX store.open_requests_by_orchestration ON requests (orchestration, opened_at, run_id, request_id) WHERE answer IS NULL;

  CREATE TABLE store.documents (
    collection ANY NOT NULL,
    id ANY NOT NULL,
    data ANY NOT NULL,
    revision INTEGER NOT NULL,
    PRIMARY KEY (collection, id)
  ) STRICT, WITHOUT ROWID;

  -- Without numbers of what runs are like, some versions of SQLite prefer an index that fits less: the rows in all,
  -- and how many of them share the first column, the first two …
  ANALYZE store;
  INSERT INTO store.sqlite_stat1 (tbl, idx, stat) VALUES
    ('runs', 'runs_by_age', '1000000 10 1'),
    ('runs', 'runs_by_status', '1000000 100000 5 1'),
    ('runs', 'runs_by_orchestration', '1000000 100000 5 1'),
    ('runs', 'runs_by_orchestration_and_status', '1000000 100000 10000 2 1');
  ANALYZE store.sqlite_schema;
  `,
]
