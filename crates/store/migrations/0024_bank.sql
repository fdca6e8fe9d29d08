-- What banks write of the company's accounts, and which document each line of it pays.

CREATE TABLE bank_accounts (
    company_id UUID NOT NULL REFERENCES companies (id),
    id UUID NOT NULL,
    -- IBAN, CLABE or account number without blanks; a phrase where files do not say it.
    number TEXT NOT NULL CHECK (number <> ''),
    bank TEXT NOT NULL,
    holder TEXT NOT NULL,
    currency TEXT NOT NULL CHECK (length(currency) = 3),
    -- Whether money of customers comes in here, so that its last day of data counts.
    watched BOOLEAN NOT NULL,
    -- The last day of which the bank told something.
    data_until_projection DATE,
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, number, currency)
);

-- The id follows from the content: the same statement again is the same row.
CREATE TABLE bank_statements (
    company_id UUID NOT NULL,
    id UUID NOT NULL,
    account_id UUID NOT NULL,
    import_id UUID NOT NULL,
    format TEXT NOT NULL,
    number TEXT NOT NULL,
    from_on DATE,
    to_on DATE,
    opening_minor BIGINT,
    closing_minor BIGINT,
    -- Sum of its booked lines.
    sum_minor BIGINT NOT NULL,
    lines BIGINT NOT NULL,
    interim BOOLEAN NOT NULL,
    author TEXT NOT NULL,
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, account_id) REFERENCES bank_accounts (company_id, id)
);
CREATE INDEX bank_statements_by_account ON bank_statements (company_id, account_id, to_on);

-- The id follows from account, content and place among equal lines of one statement: overlapping
-- statements and the same file twice bring the same rows.
CREATE TABLE bank_transactions (
    company_id UUID NOT NULL,
    id UUID NOT NULL,
    account_id UUID NOT NULL,
    -- The import that brought it first.
    import_id UUID NOT NULL,
    line BIGINT NOT NULL,
    booked_on DATE NOT NULL,
    value_on DATE,
    currency TEXT NOT NULL CHECK (length(currency) = 3),
    -- Positive when it came in.
    amount_minor BIGINT NOT NULL,
    -- It takes back an earlier one.
    reversal BOOLEAN NOT NULL,
    -- Told before the booked line came, which then takes its place.
    interim BOOLEAN NOT NULL,
    -- The bank's own reference, or what stands for it.
    reference TEXT NOT NULL,
    end_to_end TEXT NOT NULL,
    payer_name TEXT NOT NULL,
    payer_tax_id TEXT NOT NULL,
    payer_account TEXT NOT NULL,
    virtual_account TEXT NOT NULL,
    text TEXT NOT NULL,
    -- Documents and creditor references named, charges, original amount, code: an object.
    detail JSONB NOT NULL,
    -- Follows from its matches; `other` is no customer's money.
    state_projection TEXT NOT NULL CHECK (state_projection IN ('other', 'waiting', 'proposed',
        'matched')),
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, account_id) REFERENCES bank_accounts (company_id, id)
);
CREATE INDEX bank_transactions_waiting ON bank_transactions (company_id, amount_minor, id)
    WHERE state_projection = 'waiting';
CREATE INDEX bank_transactions_interim ON bank_transactions (company_id, account_id)
    WHERE interim;
CREATE INDEX bank_transactions_by_account ON bank_transactions (company_id, account_id, booked_on);

-- What a line of a bank pays, as proposed, applied by the machine or accepted by a person.
CREATE TABLE matches (
    company_id UUID NOT NULL,
    id UUID NOT NULL,
    transaction_id UUID NOT NULL,
    customer_id UUID NOT NULL,
    payment_id UUID,
    state TEXT NOT NULL CHECK (state IN ('proposed', 'applied', 'accepted', 'refused', 'undone')),
    -- Millionths.
    confidence BIGINT NOT NULL,
    currency TEXT NOT NULL CHECK (length(currency) = 3),
    amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
    -- Document, number, minor units, and what closes the rest: an array.
    applications JSONB NOT NULL,
    -- Word and sentence each: an array.
    reasons JSONB NOT NULL,
    author TEXT NOT NULL,
    recorded_at BIGINT NOT NULL,
    decided_by TEXT,
    decided_at BIGINT,
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, transaction_id) REFERENCES bank_transactions (company_id, id)
);
CREATE UNIQUE INDEX matches_once ON matches (company_id, transaction_id)
    WHERE state IN ('proposed', 'applied', 'accepted');
CREATE INDEX matches_by_transaction ON matches (company_id, transaction_id);
CREATE INDEX matches_proposed ON matches (company_id, amount_minor, id) WHERE state = 'proposed';
CREATE INDEX matches_proposed_of_customer ON matches (company_id, customer_id)
    WHERE state = 'proposed';
CREATE INDEX matches_decided ON matches (company_id, decided_at, id)
    WHERE state IN ('applied', 'accepted', 'undone', 'refused');

-- What a person said does not belong together; append-only, never redone by the machine.
CREATE TABLE match_refusals (
    company_id UUID NOT NULL,
    id UUID NOT NULL,
    transaction_id UUID NOT NULL,
    customer_id UUID NOT NULL,
    -- NULL for every document of the customer.
    document_id UUID,
    author TEXT NOT NULL,
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (company_id, id)
);
CREATE INDEX match_refusals_by_transaction ON match_refusals (company_id, transaction_id);

-- Who pays from where, learned from what people accepted.
CREATE TABLE payer_aliases (
    company_id UUID NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('account', 'name', 'tax_id', 'virtual_account')),
    -- Folded as it is compared.
    value TEXT NOT NULL CHECK (value <> ''),
    customer_id UUID NOT NULL,
    author TEXT NOT NULL,
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (company_id, kind, value, customer_id)
);
CREATE INDEX payer_aliases_by_customer ON payer_aliases (company_id, customer_id);

-- The line of a bank that a payment is.
ALTER TABLE payments ADD COLUMN transaction_id UUID;
CREATE INDEX payments_by_transaction ON payments (company_id, transaction_id)
    WHERE transaction_id IS NOT NULL;
