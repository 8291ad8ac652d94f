-- Who may come in over the network, and whether the daemon listens there.

CREATE TABLE kre_tokens (
	-- A token is a secret that somebody has; its secret is not here, only what it is known by.
	token_id INTEGER PRIMARY KEY, -- random, 32 bits; people see 8 hexadecimal digits
	secret_sha256 TEXT NOT NULL,
	role TEXT NOT NULL CHECK (role IN ('worker', 'viewer', 'admin')),
	name TEXT NOT NULL, -- whose it is, at most 64 bytes, or ''
	study TEXT NOT NULL, -- the only one that it is for, or ''
	created_us INTEGER,
	expires_us INTEGER, -- NULL = never
	uses_left INTEGER, -- sessions that may yet begin with it; NULL = as many as one likes
	revoked_us INTEGER, -- NULL = it holds
	last_used_us INTEGER,
	last_from TEXT NOT NULL DEFAULT '' -- from which address
);

CREATE TABLE kre_token_sessions (
	-- Sessions that began with a token whose uses are counted: after a lost connection they go on and are counted once.
	token_id INTEGER NOT NULL REFERENCES kre_tokens ON DELETE CASCADE,
	session TEXT NOT NULL,
	PRIMARY KEY (token_id, session)
) WITHOUT ROWID;

CREATE TABLE kre_listening (
	-- Where the daemon listens beside its socket; no row = nowhere.
	id INTEGER PRIMARY KEY CHECK (id = 1),
	address TEXT NOT NULL,
	port INTEGER NOT NULL,
	advertise TEXT NOT NULL -- names and addresses by which others reach it, a comma between them
);

ALTER TABLE kre_workers ADD COLUMN threads INTEGER NOT NULL DEFAULT 0; -- of its machine; 0 = it did not say
ALTER TABLE kre_workers ADD COLUMN memory_mb INTEGER NOT NULL DEFAULT 0;

-- Which life of the file this is: a copy that was put back counts one more.
INSERT INTO kre_counters (name, value) VALUES ('epoch', 1);
