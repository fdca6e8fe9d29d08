-- What a customer said about being contacted, with its history; what the mailbox brought back; and
-- people whose personal text was erased.

-- Append-only: the latest of a point and purpose holds. A point's own columns repeat the latest
-- about collection, for decisions.
CREATE TABLE consents (
    company_id UUID NOT NULL REFERENCES companies (id),
    customer_id UUID NOT NULL,
    id UUID NOT NULL,
    -- No reference: an import that is taken back takes its addresses with it.
    point_id UUID NOT NULL,
    channel TEXT NOT NULL,
    purpose TEXT NOT NULL CHECK (purpose IN ('collection', 'offers')),
    state TEXT NOT NULL CHECK (state IN ('given', 'withdrawn', 'unknown')),
    since DATE NOT NULL,
    source TEXT NOT NULL,
    -- The words the customer was shown or said; empty where they are not on record.
    shown TEXT NOT NULL,
    author TEXT NOT NULL,
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (company_id, customer_id, id)
);

-- What was said before there was a history: an address's id serves its one line.
INSERT INTO consents (company_id, customer_id, id, point_id, channel, purpose, state, since,
    source, shown, author, recorded_at)
SELECT company_id, customer_id, id, id, channel, 'collection', consent, consent_on,
    COALESCE(consent_source, ''), '', 'puntual', recorded_at
FROM contact_points WHERE consent IN ('given', 'withdrawn') AND consent_on IS NOT NULL;

-- The channels a customer would rather be contacted by, first wanted first: words between commas.
ALTER TABLE preferences ADD COLUMN channels TEXT NOT NULL DEFAULT '';

-- Whose an address is that a message came from or came back to.
CREATE INDEX contact_points_by_address ON contact_points (company_id, address);

-- How far a mailbox was read. UIDs only grow while the server keeps the validity (RFC 3501 §2.3.1).
CREATE TABLE mailboxes (
    company_id UUID NOT NULL REFERENCES companies (id),
    name TEXT NOT NULL,
    uid_validity BIGINT NOT NULL,
    last_uid BIGINT NOT NULL,
    read_at BIGINT NOT NULL,
    PRIMARY KEY (company_id, name)
);

-- Messages that came back from an address; the same report counts once.
CREATE TABLE bounces (
    company_id UUID NOT NULL REFERENCES companies (id),
    customer_id UUID NOT NULL,
    point_id UUID NOT NULL,
    digest BYTEA NOT NULL,
    hard BOOLEAN NOT NULL,
    reason TEXT NOT NULL,
    at BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (company_id, customer_id, point_id, digest)
);

-- Whose personal text was erased, under which name its figures stay. The key is not kept.
CREATE TABLE erasures (
    company_id UUID NOT NULL REFERENCES companies (id),
    customer_id UUID NOT NULL,
    pseudonym TEXT NOT NULL,
    reason TEXT NOT NULL,
    author TEXT NOT NULL,
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (company_id, customer_id)
);
