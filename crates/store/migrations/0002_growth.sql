-- A file that names a customer finds its id in the index alone.
CREATE INDEX customers_ids ON customers (company_id, key, id);

-- Money that waits to be laid is found without reading every customer.
CREATE INDEX payments_unspent ON payments (company_id, customer_id)
    WHERE spent_on_projection IS NULL;
CREATE INDEX documents_credits_open ON documents (company_id, customer_id)
    WHERE kind = 'credit_note' AND settled_on_projection IS NULL;

-- A run is done part by part: customers behind `after_customer` up to `last_customer`, decided and
-- written in one transaction each, by whichever process takes the part up.
CREATE TABLE run_parts (
    company_id UUID NOT NULL,
    run_id UUID NOT NULL,
    number BIGINT NOT NULL,
    after_customer UUID NOT NULL,
    last_customer UUID NOT NULL,
    -- Its figures, once it is done.
    summary JSONB,
    done_at BIGINT,
    PRIMARY KEY (company_id, run_id, number),
    CHECK ((summary IS NULL) = (done_at IS NULL)),
    FOREIGN KEY (company_id, run_id) REFERENCES runs (company_id, id)
);
