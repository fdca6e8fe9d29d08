-- What a document says of its own debt, where it differs from what the company declares of all:
-- one bought from another creditor, one of a final consumer. NULL is not known.
ALTER TABLE documents ADD COLUMN debt_class TEXT;
ALTER TABLE documents ADD COLUMN final_consumer BOOLEAN;
ALTER TABLE documents ADD COLUMN creditor TEXT;
ALTER TABLE documents ADD COLUMN actor TEXT;

-- The question that was put to the law about a call, visit or letter, canonical JSON; NULL for
-- what the customer began and for what is older than the question.
ALTER TABLE calls ADD COLUMN content TEXT;

-- What a person did although the law spoke against it, on a manager's word. The call, visit or
-- letter is the message of the same id on the thread; what the law said is its proof.
CREATE TABLE overrides (
    company_id UUID NOT NULL,
    message_id UUID NOT NULL,
    customer_id UUID NOT NULL,
    channel TEXT NOT NULL,
    reason TEXT NOT NULL CHECK (reason <> ''),
    author TEXT NOT NULL,
    at BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (company_id, message_id)
);
CREATE INDEX overrides_by_time ON overrides (company_id, at);

-- Who shares an address: telephones by their last nine digits, whatever they are used for.
CREATE INDEX contact_points_by_person ON contact_points (company_id,
    (CASE WHEN channel IN ('call', 'voicebot', 'whatsapp', 'sms')
        THEN substr(address, length(address) - 8) ELSE address END),
    customer_id);
CREATE INDEX customers_by_person ON customers (company_id, tax_id, id) WHERE tax_id IS NOT NULL;
