-- The chain of a company's proofs: each link's head is SHA-256 over the head before it, its place,
-- and the digest of its record. Written by a sealer, behind the transactions that write records.
CREATE TABLE chain_heads (
    company_id UUID NOT NULL PRIMARY KEY,
    sequence BIGINT NOT NULL CHECK (sequence >= 0),
    head BYTEA NOT NULL,
    sealed_at BIGINT NOT NULL
);

CREATE TABLE chain_links (
    company_id UUID NOT NULL,
    sequence BIGINT NOT NULL CHECK (sequence > 0),
    kind TEXT NOT NULL,
    record_id UUID NOT NULL,
    digest BYTEA NOT NULL,
    head BYTEA NOT NULL,
    sealed_at BIGINT NOT NULL,
    PRIMARY KEY (company_id, sequence)
);
CREATE UNIQUE INDEX chain_links_of_record ON chain_links (company_id, record_id);

-- Records that wait for the sealer, put here by the transactions that write them.
CREATE TABLE unsealed (
    company_id UUID NOT NULL,
    record_id UUID NOT NULL,
    kind TEXT NOT NULL,
    digest BYTEA NOT NULL,
    PRIMARY KEY (company_id, record_id)
);

-- Decisions written together, one record for all: `entries` holds of each the customer, the
-- decision and its digest, sixteen bytes each; `removed` those that were taken back with what an
-- import had made.
CREATE TABLE decision_lists (
    company_id UUID NOT NULL,
    id UUID NOT NULL,
    run_id UUID NOT NULL,
    removed BOOLEAN NOT NULL,
    entries BYTEA NOT NULL,
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (company_id, id)
);

-- Heads that were written or sent to where nobody here can change them.
CREATE TABLE anchors (
    company_id UUID NOT NULL,
    day DATE NOT NULL,
    place TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    head BYTEA NOT NULL,
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (company_id, day, place)
);

-- A proof is of a contact of ours or of what a person did (a call, a visit, a letter, an
-- exception), whose id then stands in `contact_id`.
CREATE TABLE proofs_of_all (
    company_id UUID NOT NULL,
    id UUID NOT NULL,
    customer_id UUID NOT NULL,
    contact_id UUID NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('allowed', 'suppressed', 'result', 'override', 'refused')),
    body TEXT NOT NULL,
    digest BYTEA NOT NULL,
    recorded_at BIGINT NOT NULL,
    subject TEXT NOT NULL DEFAULT 'contact' CHECK (subject IN ('contact', 'act')),
    PRIMARY KEY (company_id, id)
);
INSERT INTO proofs_of_all (company_id, id, customer_id, contact_id, kind, body, digest, recorded_at)
    SELECT company_id, id, customer_id, contact_id, kind, body, digest, recorded_at FROM proofs;
DROP TABLE proofs;
ALTER TABLE proofs_of_all RENAME TO proofs;
CREATE INDEX proofs_of_contact ON proofs (company_id, contact_id);
CREATE INDEX proofs_of_acts ON proofs (company_id, customer_id, id) WHERE subject = 'act';
