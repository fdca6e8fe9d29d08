-- What tax offices' files say beside the ledger's own rows.

-- What makes a document one of a kind before the tax office. A document in parts has a row for each.
CREATE TABLE document_stamps (
    company_id UUID NOT NULL,
    id UUID NOT NULL,
    customer_id UUID NOT NULL,
    document_id UUID NOT NULL,
    stamp TEXT NOT NULL CHECK (stamp <> ''),
    standard TEXT NOT NULL,
    -- A receipt is owed for each payment.
    owes_receipts BOOLEAN NOT NULL,
    -- By its own words paid when it was issued.
    paid_at_once BOOLEAN NOT NULL,
    -- The day after which the customer can contest it no longer.
    accept_by DATE,
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, stamp, document_id)
);
CREATE INDEX document_stamps_of_document ON document_stamps (company_id, document_id);
CREATE INDEX document_stamps_of_customer ON document_stamps (company_id, customer_id);

-- Documents that are parts of one, with the number of the whole.
CREATE TABLE document_parts (
    company_id UUID NOT NULL,
    customer_id UUID NOT NULL,
    document_id UUID NOT NULL,
    whole TEXT NOT NULL CHECK (whole <> ''),
    part BIGINT NOT NULL CHECK (part >= 1),
    parts BIGINT NOT NULL CHECK (parts >= part),
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (company_id, document_id)
);
CREATE INDEX document_parts_of_whole ON document_parts (company_id, whole);

-- What befell a document, by its stamp: the document itself may come later.
CREATE TABLE document_events (
    company_id UUID NOT NULL REFERENCES companies (id),
    id UUID NOT NULL,
    import_id UUID,
    stamp TEXT NOT NULL CHECK (stamp <> ''),
    kind TEXT NOT NULL CHECK (kind IN ('cancelled', 'replaced', 'accepted', 'claimed',
        'goods_received', 'assigned', 'listed')),
    happened_on DATE,
    -- To whom it was assigned, by what it was replaced.
    who TEXT NOT NULL,
    text TEXT NOT NULL,
    currency TEXT,
    amount_minor BIGINT,
    digest BYTEA NOT NULL,
    author TEXT NOT NULL,
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, digest),
    CHECK ((currency IS NULL) = (amount_minor IS NULL))
);
CREATE INDEX document_events_of_stamp ON document_events (company_id, stamp);

-- What one paper says of another: which document a credit note lowers, which one a payment pays.
CREATE TABLE document_links (
    company_id UUID NOT NULL,
    id UUID NOT NULL,
    customer_id UUID NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('adjusts', 'pays')),
    -- The credit note's stamp, or the payment's reference.
    source TEXT NOT NULL,
    -- The stamp of the document, or a # and its number.
    target TEXT NOT NULL,
    -- The stamp of the receipt that says so; empty for a credit note.
    receipt TEXT NOT NULL,
    happened_on DATE NOT NULL,
    currency TEXT,
    -- How much, where it is said.
    amount_minor BIGINT,
    partiality BIGINT,
    digest BYTEA NOT NULL,
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, digest),
    CHECK ((currency IS NULL) = (amount_minor IS NULL))
);
CREATE INDEX document_links_of_customer ON document_links (company_id, customer_id);
CREATE INDEX document_links_of_source ON document_links (company_id, source);
CREATE INDEX document_links_of_receipt ON document_links (company_id, receipt)
    WHERE receipt <> '';

-- Due dates that were put off, or brought back: both dates count, each for its question.
CREATE TABLE due_changes (
    company_id UUID NOT NULL,
    id UUID NOT NULL,
    customer_id UUID NOT NULL,
    document_id UUID NOT NULL,
    before_on DATE NOT NULL,
    after_on DATE NOT NULL,
    reason TEXT NOT NULL CHECK (reason <> ''),
    author TEXT NOT NULL,
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (company_id, id)
);
CREATE INDEX due_changes_of_document ON due_changes (company_id, document_id);
CREATE INDEX due_changes_of_customer ON due_changes (company_id, customer_id);
