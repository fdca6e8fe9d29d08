-- Notes by which charges for being late became documents: which invoice each is for, up to which
-- day, and what it consists of. Part 0 of an invoice and day is the debit note, the others are the
-- credit notes that take some of it back (a negative amount). The key keeps a month from being
-- booked twice. No reference to documents: an import that is taken back is stopped by these rows.
CREATE TABLE charge_notes (
    company_id UUID NOT NULL REFERENCES companies (id),
    customer_id UUID NOT NULL,
    invoice_id UUID NOT NULL,
    up_to_on DATE NOT NULL,
    part BIGINT NOT NULL CHECK (part >= 0),
    note_id UUID NOT NULL,
    amount_minor BIGINT NOT NULL CHECK (amount_minor <> 0),
    -- Digest of the terms it was reckoned by.
    terms BYTEA NOT NULL,
    -- Its lines as JSON; the note's document holds their sum.
    lines TEXT NOT NULL,
    author TEXT NOT NULL,
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (company_id, invoice_id, up_to_on, part),
    CHECK ((part = 0) = (amount_minor > 0))
);
CREATE INDEX charge_notes_by_customer ON charge_notes (company_id, customer_id);

-- Addresses at which somebody said no more, whoever has them now: by the digest of channel and
-- address, so that it outlives a corrected address and an erased person and names nobody.
CREATE TABLE opt_outs (
    company_id UUID NOT NULL REFERENCES companies (id),
    address_digest TEXT NOT NULL CHECK (length(address_digest) = 64),
    since DATE NOT NULL,
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (company_id, address_digest)
);
