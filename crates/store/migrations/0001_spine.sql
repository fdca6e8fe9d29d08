-- The spine. One text for SQLite and PostgreSQL: ids are UUIDs made by the application, instants are
-- BIGINT microseconds since the Unix epoch (UTC), dates are civil, money is minor units.
-- Columns named *_projection are derived from append-only facts in the transaction that changes them.

CREATE TABLE companies (
    id UUID NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE CHECK (name <> ''),
    legal_name TEXT NOT NULL,
    country TEXT NOT NULL CHECK (length(country) = 2),
    currency TEXT NOT NULL CHECK (length(currency) = 3),
    zone TEXT NOT NULL,
    language TEXT NOT NULL,
    settings JSONB NOT NULL,
    created_at BIGINT NOT NULL
);

-- What the company declares of all its customers, latest first to hold.
CREATE TABLE declarations (
    company_id UUID NOT NULL REFERENCES companies (id),
    fact TEXT NOT NULL,
    value TEXT NOT NULL,
    author TEXT NOT NULL,
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (company_id, fact, recorded_at)
);

CREATE TABLE customers (
    company_id UUID NOT NULL REFERENCES companies (id),
    id UUID NOT NULL,
    key TEXT NOT NULL CHECK (key <> ''),
    name TEXT NOT NULL,
    class TEXT,
    country TEXT,
    subdivision TEXT,
    zone TEXT,
    language TEXT,
    tax_id TEXT,
    importance BIGINT,
    behaviour TEXT,
    tags JSONB NOT NULL,
    legal_events JSONB NOT NULL,
    extra JSONB NOT NULL,
    source_digest BYTEA NOT NULL,
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, key)
);
CREATE INDEX customers_by_tax_id ON customers (company_id, tax_id);
CREATE INDEX customers_by_name ON customers (company_id, name);

CREATE TABLE contact_points (
    company_id UUID NOT NULL,
    id UUID NOT NULL,
    customer_id UUID NOT NULL,
    channel TEXT NOT NULL,
    address TEXT NOT NULL CHECK (address <> ''),
    role TEXT,
    source TEXT,
    health TEXT NOT NULL,
    consent TEXT NOT NULL CHECK (consent IN ('unknown', 'given', 'withdrawn')),
    consent_on DATE,
    consent_source TEXT,
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (company_id, customer_id, id),
    UNIQUE (company_id, customer_id, channel, address),
    FOREIGN KEY (company_id, customer_id) REFERENCES customers (company_id, id)
);

CREATE TABLE documents (
    company_id UUID NOT NULL,
    id UUID NOT NULL,
    customer_id UUID NOT NULL,
    number TEXT NOT NULL CHECK (number <> ''),
    kind TEXT NOT NULL CHECK (kind IN ('invoice', 'debit_note', 'credit_note')),
    issued_on DATE NOT NULL,
    due_on DATE NOT NULL,
    currency TEXT NOT NULL CHECK (length(currency) = 3),
    amount_minor BIGINT NOT NULL CHECK (amount_minor >= 0),
    direct_debit BOOLEAN NOT NULL,
    -- NULL while something is open; else the day the last application closed it.
    settled_on_projection DATE,
    extra JSONB NOT NULL,
    source_digest BYTEA NOT NULL,
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, number),
    FOREIGN KEY (company_id, customer_id) REFERENCES customers (company_id, id)
);
CREATE INDEX documents_by_customer ON documents (company_id, customer_id, settled_on_projection);

CREATE TABLE payments (
    company_id UUID NOT NULL,
    id UUID NOT NULL,
    customer_id UUID NOT NULL,
    reference TEXT NOT NULL CHECK (reference <> ''),
    paid_on DATE NOT NULL,
    currency TEXT NOT NULL CHECK (length(currency) = 3),
    amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
    -- NULL while something is unapplied; else the day the last of it was applied.
    spent_on_projection DATE,
    extra JSONB NOT NULL,
    source_digest BYTEA NOT NULL,
    author TEXT NOT NULL,
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, reference),
    FOREIGN KEY (company_id, customer_id) REFERENCES customers (company_id, id)
);
CREATE INDEX payments_by_customer ON payments (company_id, customer_id, spent_on_projection);

CREATE TABLE applications (
    company_id UUID NOT NULL,
    id UUID NOT NULL,
    customer_id UUID NOT NULL,
    payment_id UUID,
    credit_id UUID,
    document_id UUID NOT NULL,
    applied_on DATE NOT NULL,
    amount_minor BIGINT NOT NULL CHECK (amount_minor <> 0),
    matched TEXT NOT NULL,
    author TEXT NOT NULL,
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (company_id, id),
    CHECK ((payment_id IS NULL) <> (credit_id IS NULL)),
    FOREIGN KEY (company_id, document_id) REFERENCES documents (company_id, id)
);
CREATE INDEX applications_by_customer ON applications (company_id, customer_id, document_id);
CREATE INDEX applications_by_credit ON applications (company_id, credit_id)
    WHERE credit_id IS NOT NULL;

CREATE TABLE holds (
    company_id UUID NOT NULL,
    id UUID NOT NULL,
    customer_id UUID NOT NULL,
    document_id UUID,
    kind TEXT NOT NULL,
    currency TEXT,
    amount_minor BIGINT CHECK (amount_minor > 0),
    from_on DATE NOT NULL,
    until_on DATE,
    reason TEXT NOT NULL,
    author TEXT NOT NULL,
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (company_id, id),
    CHECK ((currency IS NULL) = (amount_minor IS NULL)),
    FOREIGN KEY (company_id, customer_id) REFERENCES customers (company_id, id)
);
CREATE INDEX holds_by_customer ON holds (company_id, customer_id);

-- A hold ends by a fact of its own; the earliest end counts.
CREATE TABLE hold_ends (
    company_id UUID NOT NULL,
    hold_id UUID NOT NULL,
    until_on DATE NOT NULL,
    reason TEXT NOT NULL,
    author TEXT NOT NULL,
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (company_id, hold_id, recorded_at)
);

CREATE TABLE promises (
    company_id UUID NOT NULL,
    id UUID NOT NULL,
    customer_id UUID NOT NULL,
    currency TEXT NOT NULL CHECK (length(currency) = 3),
    amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
    made_on DATE NOT NULL,
    due_on DATE NOT NULL,
    note TEXT NOT NULL,
    author TEXT NOT NULL,
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (company_id, id),
    CHECK (due_on >= made_on),
    FOREIGN KEY (company_id, customer_id) REFERENCES customers (company_id, id)
);
CREATE INDEX promises_by_customer ON promises (company_id, customer_id);

CREATE TABLE policies (
    company_id UUID NOT NULL REFERENCES companies (id),
    key TEXT NOT NULL,
    version BIGINT NOT NULL,
    source TEXT NOT NULL,
    hash TEXT NOT NULL,
    author TEXT NOT NULL,
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (company_id, key, version)
);

-- Which policy rules, from when; the latest row holds.
CREATE TABLE policy_uses (
    company_id UUID NOT NULL,
    key TEXT NOT NULL,
    version BIGINT NOT NULL,
    author TEXT NOT NULL,
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (company_id, recorded_at),
    FOREIGN KEY (company_id, key, version) REFERENCES policies (company_id, key, version)
);

CREATE TABLE runs (
    company_id UUID NOT NULL REFERENCES companies (id),
    id UUID NOT NULL,
    as_of DATE NOT NULL,
    at BIGINT NOT NULL,
    policy_key TEXT NOT NULL,
    policy_version BIGINT NOT NULL,
    law_hash TEXT NOT NULL,
    -- The last customer whose decision is committed; a run cut short goes on behind it.
    checkpoint UUID,
    summary JSONB NOT NULL,
    started_at BIGINT NOT NULL,
    finished_at BIGINT,
    PRIMARY KEY (company_id, id)
);

CREATE TABLE decisions (
    company_id UUID NOT NULL,
    id UUID NOT NULL,
    run_id UUID NOT NULL,
    customer_id UUID NOT NULL,
    as_of DATE NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('contact', 'silence')),
    reason TEXT NOT NULL,
    facts TEXT NOT NULL,
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (company_id, customer_id, id)
);

-- The digest of each customer's latest decision: a silence is written only when it changes.
CREATE TABLE standings (
    company_id UUID NOT NULL,
    customer_id UUID NOT NULL,
    digest BYTEA NOT NULL,
    decision_id UUID NOT NULL,
    PRIMARY KEY (company_id, customer_id)
);

CREATE TABLE contacts (
    company_id UUID NOT NULL,
    id UUID NOT NULL,
    customer_id UUID NOT NULL,
    run_id UUID NOT NULL,
    decision_id UUID NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('step', 'courtesy', 'event')),
    step TEXT NOT NULL,
    key_day DATE NOT NULL,
    channel TEXT NOT NULL,
    point_id UUID NOT NULL,
    template TEXT NOT NULL,
    tone TEXT NOT NULL,
    -- Documents with amounts, totals and recipients as canonical JSON.
    content TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('planned', 'claimed', 'sent', 'delivered', 'read',
        'answered', 'suppressed', 'failed', 'unknown')),
    reason TEXT,
    planned_at BIGINT NOT NULL,
    claimed_at BIGINT,
    claimed_by UUID,
    performed_at BIGINT,
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, customer_id) REFERENCES customers (company_id, id)
);
-- At most one contact per customer, step and cycle: suppressed and failed ones left nothing behind.
CREATE UNIQUE INDEX contacts_once ON contacts (company_id, customer_id, kind, step, key_day)
    WHERE state NOT IN ('suppressed', 'failed');
CREATE INDEX contacts_by_customer ON contacts (company_id, customer_id, planned_at);
CREATE INDEX contacts_to_do ON contacts (company_id, planned_at) WHERE state IN ('planned', 'claimed');
CREATE INDEX contacts_performed ON contacts (company_id, performed_at)
    WHERE performed_at IS NOT NULL;

-- The text as it left, kept word for word.
CREATE TABLE messages (
    company_id UUID NOT NULL,
    id UUID NOT NULL,
    customer_id UUID NOT NULL,
    contact_id UUID,
    incoming BOOLEAN NOT NULL,
    channel TEXT NOT NULL,
    address TEXT NOT NULL,
    subject TEXT NOT NULL,
    body_text TEXT NOT NULL,
    body_html TEXT,
    digest BYTEA NOT NULL,
    at BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (company_id, customer_id, id)
);
CREATE UNIQUE INDEX messages_of_contact ON messages (company_id, contact_id);
CREATE INDEX messages_incoming ON messages (company_id, customer_id, at) WHERE incoming;

-- Why a contact was allowed, or why it was not made. `body` is canonical and kept as it is.
CREATE TABLE proofs (
    company_id UUID NOT NULL,
    id UUID NOT NULL,
    customer_id UUID NOT NULL,
    contact_id UUID NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('allowed', 'suppressed', 'result')),
    body TEXT NOT NULL,
    digest BYTEA NOT NULL,
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (company_id, id)
);
CREATE INDEX proofs_of_contact ON proofs (company_id, contact_id);

CREATE TABLE imports (
    company_id UUID NOT NULL REFERENCES companies (id),
    id UUID NOT NULL,
    file TEXT NOT NULL,
    digest BYTEA NOT NULL,
    summary JSONB NOT NULL,
    author TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    finished_at BIGINT,
    PRIMARY KEY (company_id, id)
);

-- How a source's columns are read; learned once per header, correctable.
CREATE TABLE mappings (
    company_id UUID NOT NULL REFERENCES companies (id),
    signature TEXT NOT NULL,
    mapping JSONB NOT NULL,
    author TEXT NOT NULL,
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (company_id, signature)
);

CREATE TABLE quarantine (
    company_id UUID NOT NULL,
    id UUID NOT NULL,
    import_id UUID NOT NULL,
    file TEXT NOT NULL,
    row_number BIGINT NOT NULL,
    field TEXT NOT NULL,
    reason TEXT NOT NULL,
    -- The row as read, with what is needed to read it again.
    raw JSONB NOT NULL,
    digest BYTEA NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'fixed', 'superseded')),
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (company_id, id)
);
CREATE UNIQUE INDEX quarantine_once ON quarantine (company_id, digest) WHERE state = 'open';

CREATE TABLE tasks (
    company_id UUID NOT NULL,
    id UUID NOT NULL,
    customer_id UUID,
    contact_id UUID,
    kind TEXT NOT NULL,
    text TEXT NOT NULL,
    recorded_at BIGINT NOT NULL,
    done_at BIGINT,
    PRIMARY KEY (company_id, id)
);
CREATE INDEX tasks_open ON tasks (company_id, recorded_at) WHERE done_at IS NULL;

-- What changed an entity, before and after; appended in the transaction of the change.
CREATE TABLE events (
    company_id UUID NOT NULL,
    id UUID NOT NULL,
    kind TEXT NOT NULL,
    entity UUID,
    body TEXT NOT NULL,
    author TEXT NOT NULL,
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (company_id, id)
);
CREATE INDEX events_of_entity ON events (company_id, entity);
