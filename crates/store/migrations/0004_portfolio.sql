-- Finding one's way among a million documents: words to search by, projections to sort and filter
-- by, and lists kept by name. Words are BYTEA so that both engines compare them byte by byte,
-- whatever the server's collation.

-- The words of a customer's name, its key, its tax id (domain::search) and, behind a `#`, its tags.
CREATE TABLE customer_terms (
    company_id UUID NOT NULL,
    term BYTEA NOT NULL,
    customer_id UUID NOT NULL,
    PRIMARY KEY (company_id, term, customer_id)
);

-- The name as lists sort it.
ALTER TABLE customers ADD COLUMN name_key BYTEA;
CREATE INDEX customers_by_name_key ON customers (company_id, name_key, id);

-- The last digits of the number, without leading zeros.
ALTER TABLE documents ADD COLUMN number_digits BYTEA;
CREATE INDEX documents_by_digits ON documents (company_id, number_digits);

CREATE INDEX documents_open_by_due ON documents (company_id, due_on, id)
    WHERE settled_on_projection IS NULL AND kind <> 'credit_note';
CREATE INDEX documents_open_by_amount ON documents (company_id, currency, amount_minor, id)
    WHERE settled_on_projection IS NULL AND kind <> 'credit_note';
CREATE INDEX documents_settled ON documents (company_id, settled_on_projection, id)
    WHERE settled_on_projection IS NOT NULL;

-- What a customer has open, by currency: a projection that narrows and orders lists. Whoever has
-- nothing open and no credit needs no row. What a page shows is computed from the ledger.
CREATE TABLE customer_figures (
    company_id UUID NOT NULL,
    customer_id UUID NOT NULL,
    currency TEXT NOT NULL CHECK (length(currency) = 3),
    open_minor BIGINT NOT NULL,
    credit_minor BIGINT NOT NULL,
    open_documents BIGINT NOT NULL,
    oldest_due_on DATE,
    -- The first due date that had not passed when the row was written.
    next_due_on DATE,
    PRIMARY KEY (company_id, customer_id, currency)
);
CREATE INDEX customer_figures_by_open ON customer_figures
    (company_id, currency, open_minor, customer_id, oldest_due_on) WHERE open_minor > 0;
CREATE INDEX customer_figures_by_oldest ON customer_figures
    (company_id, currency, oldest_due_on, customer_id, open_minor)
    WHERE oldest_due_on IS NOT NULL;
CREATE INDEX customer_figures_by_next ON customer_figures
    (company_id, currency, next_due_on, customer_id, open_minor) WHERE next_due_on IS NOT NULL;
CREATE INDEX customer_figures_by_credit ON customer_figures
    (company_id, currency, credit_minor, customer_id) WHERE credit_minor > 0;

-- Imports under way, or cut short, whose customers' figures are to be taken anew.
CREATE TABLE figures_due (
    company_id UUID NOT NULL,
    import_id UUID NOT NULL,
    PRIMARY KEY (company_id, import_id)
);

-- Holds that may be in force are few among those that were.
CREATE INDEX holds_by_until ON holds (company_id, until_on, customer_id);

-- Work that the program does once on rows older than a migration.
CREATE TABLE fills (
    name TEXT NOT NULL PRIMARY KEY
);

CREATE TABLE saved_views (
    company_id UUID NOT NULL REFERENCES companies (id),
    id UUID NOT NULL,
    list TEXT NOT NULL CHECK (list IN ('customers', 'documents')),
    name TEXT NOT NULL CHECK (name <> ''),
    query TEXT NOT NULL,
    -- Whose it is; everybody of the company sees a shared one.
    author TEXT NOT NULL,
    shared BOOLEAN NOT NULL,
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (company_id, id)
);
CREATE UNIQUE INDEX saved_views_by_author ON saved_views (company_id, author, list, name);
