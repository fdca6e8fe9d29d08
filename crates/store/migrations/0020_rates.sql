-- Values published by others (an index, a reference rate, an exchange) and what being late costs.

-- Append-only: of two values of one series and day the one recorded last counts. The value is
-- decimal text, exact on both engines.
CREATE TABLE rates (
    company_id UUID NOT NULL,
    series TEXT NOT NULL CHECK (length(series) BETWEEN 1 AND 24),
    on_date DATE NOT NULL,
    id UUID NOT NULL,
    value TEXT NOT NULL,
    source TEXT NOT NULL,
    author TEXT NOT NULL,
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (company_id, series, on_date, id)
);

-- A debit note that charges for a document paid late: one a document and month, for good. The note
-- itself is a document like others; undoing it is a credit note laid on it.
CREATE TABLE charge_notes (
    company_id UUID NOT NULL,
    note_id UUID NOT NULL,
    customer_id UUID NOT NULL,
    document_id UUID NOT NULL,
    period TEXT NOT NULL CHECK (length(period) = 7),
    currency TEXT NOT NULL,
    amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
    lines TEXT NOT NULL,
    author TEXT NOT NULL,
    recorded_at BIGINT NOT NULL,
    credit_id UUID,
    PRIMARY KEY (company_id, note_id)
);
CREATE UNIQUE INDEX charge_notes_once ON charge_notes (company_id, document_id, period);
CREATE INDEX charge_notes_by_customer ON charge_notes (company_id, customer_id);
