-- Customers' own pages: links, what was tried at their door, sessions, what was said there.

-- Random keys of the installation, made on first use. Whoever has one can sign links.
CREATE TABLE server_keys (
    name TEXT NOT NULL PRIMARY KEY,
    key BYTEA NOT NULL,
    made_at BIGINT NOT NULL
);

-- A customer's way to its page; made in the transaction that claims the message that carries it.
CREATE TABLE portal_links (
    company_id UUID NOT NULL REFERENCES companies (id),
    id UUID NOT NULL,
    customer_id UUID NOT NULL,
    point_id UUID NOT NULL,
    contact_id UUID,
    made_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT,
    revoked_by TEXT,
    PRIMARY KEY (company_id, id),
    CHECK ((revoked_at IS NULL) = (revoked_by IS NULL)),
    FOREIGN KEY (company_id, customer_id) REFERENCES customers (company_id, id)
);
-- A link names only itself: whose it is stands in its row.
CREATE UNIQUE INDEX portal_links_by_id ON portal_links (id);
CREATE INDEX portal_links_by_customer ON portal_links (company_id, customer_id, id);

-- Wrong answers of a link, and of a client over all links; digests, so that no address is kept.
CREATE TABLE portal_tries (
    who BYTEA NOT NULL PRIMARY KEY,
    failures BIGINT NOT NULL CHECK (failures >= 0),
    last_at BIGINT NOT NULL,
    locked_until BIGINT
);

-- The code last sent for a link, as a digest.
CREATE TABLE portal_codes (
    company_id UUID NOT NULL,
    link_id UUID NOT NULL,
    digest BYTEA NOT NULL,
    expires_at BIGINT NOT NULL,
    tries BIGINT NOT NULL CHECK (tries >= 0),
    used BOOLEAN NOT NULL,
    sent_at BIGINT NOT NULL,
    -- Codes sent since the first of the last day.
    sent BIGINT NOT NULL CHECK (sent > 0),
    sent_since BIGINT NOT NULL,
    PRIMARY KEY (company_id, link_id),
    FOREIGN KEY (company_id, link_id) REFERENCES portal_links (company_id, id)
);

CREATE TABLE portal_sessions (
    company_id UUID NOT NULL,
    -- SHA-256 of the cookie.
    digest BYTEA NOT NULL,
    link_id UUID NOT NULL,
    made_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    ended_at BIGINT,
    PRIMARY KEY (company_id, digest),
    FOREIGN KEY (company_id, link_id) REFERENCES portal_links (company_id, id)
);

-- What a customer says was paid already, until a person has looked at it.
CREATE TABLE payment_claims (
    company_id UUID NOT NULL,
    id UUID NOT NULL,
    customer_id UUID NOT NULL,
    currency TEXT NOT NULL CHECK (length(currency) = 3),
    amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
    paid_on DATE NOT NULL,
    reference TEXT NOT NULL,
    note TEXT NOT NULL,
    file_id UUID,
    hold_id UUID,
    task_id UUID NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'accepted', 'rejected')),
    answer TEXT,
    answered_by TEXT,
    answered_at BIGINT,
    author TEXT NOT NULL,
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (company_id, id),
    CHECK ((state = 'open') = (answered_at IS NULL)),
    FOREIGN KEY (company_id, customer_id) REFERENCES customers (company_id, id)
);
CREATE INDEX payment_claims_open ON payment_claims (company_id, id) WHERE state = 'open';
CREATE INDEX payment_claims_by_customer ON payment_claims (company_id, customer_id, id);

-- Disputes that wait for a person, found without reading every hold.
CREATE INDEX holds_disputes_by_id ON holds (company_id, id) WHERE kind = 'dispute';

-- When a customer wants to be written to: hours of its own day, none for any.
CREATE TABLE preferences (
    company_id UUID NOT NULL,
    customer_id UUID NOT NULL,
    hour_from BIGINT CHECK (hour_from BETWEEN 0 AND 23),
    hour_to BIGINT CHECK (hour_to BETWEEN 1 AND 24),
    author TEXT NOT NULL,
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (company_id, customer_id),
    CHECK ((hour_from IS NULL) = (hour_to IS NULL)),
    CHECK (hour_from IS NULL OR hour_from < hour_to),
    FOREIGN KEY (company_id, customer_id) REFERENCES customers (company_id, id)
);
