-- Texts of law put into force beside those compiled in, for every company of the database: the law
-- is nobody's own. Kept for ever, because proofs name them by hash.
CREATE TABLE law_packs (
    name TEXT NOT NULL CHECK (name <> ''),
    version TEXT NOT NULL CHECK (version <> ''),
    in_force_from DATE NOT NULL,
    hash TEXT NOT NULL CHECK (length(hash) = 64),
    source TEXT NOT NULL CHECK (source <> ''),
    author TEXT NOT NULL,
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (name, version)
);

-- What a company asks of itself beyond the law. One of a name at a time; the earlier ones stay.
CREATE TABLE law_tightenings (
    company_id UUID NOT NULL REFERENCES companies (id),
    name TEXT NOT NULL CHECK (name <> ''),
    version TEXT NOT NULL CHECK (version <> ''),
    hash TEXT NOT NULL CHECK (length(hash) = 64),
    source TEXT NOT NULL CHECK (source <> ''),
    author TEXT NOT NULL,
    recorded_at BIGINT NOT NULL,
    ended_by TEXT,
    ended_at BIGINT,
    PRIMARY KEY (company_id, name, recorded_at),
    CHECK ((ended_by IS NULL) = (ended_at IS NULL))
);
CREATE UNIQUE INDEX law_tightenings_in_force ON law_tightenings (company_id, name)
    WHERE ended_at IS NULL;
