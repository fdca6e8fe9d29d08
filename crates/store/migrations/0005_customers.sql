-- Files kept with what they belong to. No reference to customers: a file may come before its
-- customer is known, and outlives an import that is taken back.
CREATE TABLE files (
    company_id UUID NOT NULL REFERENCES companies (id),
    id UUID NOT NULL,
    customer_id UUID,
    document_id UUID,
    name TEXT NOT NULL CHECK (name <> ''),
    kind TEXT NOT NULL CHECK (kind IN ('pdf', 'xml', 'png', 'jpeg')),
    size BIGINT NOT NULL CHECK (size > 0),
    digest BYTEA NOT NULL,
    content BYTEA NOT NULL,
    author TEXT NOT NULL,
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (company_id, id)
);
CREATE INDEX files_of_customer ON files (company_id, customer_id) WHERE customer_id IS NOT NULL;
CREATE INDEX files_of_document ON files (company_id, document_id) WHERE document_id IS NOT NULL;

-- What people wrote down about a customer.
CREATE TABLE notes (
    company_id UUID NOT NULL,
    id UUID NOT NULL,
    customer_id UUID NOT NULL,
    text TEXT NOT NULL CHECK (text <> ''),
    author TEXT NOT NULL,
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (company_id, customer_id, id)
);

-- How a call ended; the call itself is the message of the same id on the thread.
CREATE TABLE calls (
    company_id UUID NOT NULL,
    message_id UUID NOT NULL,
    customer_id UUID NOT NULL,
    result TEXT NOT NULL,
    author TEXT NOT NULL,
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (company_id, customer_id, message_id)
);

-- Who looks after a customer.
CREATE TABLE assignments (
    company_id UUID NOT NULL,
    customer_id UUID NOT NULL,
    user_id UUID NOT NULL,
    author TEXT NOT NULL,
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (company_id, customer_id)
);
CREATE INDEX assignments_of_user ON assignments (company_id, user_id, customer_id);

-- What someone did with a line of the work list: done for good, or looked at again on a day.
CREATE TABLE work_marks (
    company_id UUID NOT NULL,
    customer_id UUID NOT NULL,
    reason TEXT NOT NULL,
    -- What the reason is about: a promise, a message, a hold, the customer.
    subject UUID NOT NULL,
    -- NULL when it is done.
    again_on DATE,
    author TEXT NOT NULL,
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (company_id, customer_id, reason, subject)
);

-- What asks for a person is found without reading every customer.
CREATE INDEX promises_by_due ON promises (company_id, due_on, customer_id);
CREATE INDEX holds_disputes ON holds (company_id, recorded_at) WHERE kind = 'dispute';
CREATE INDEX messages_in_by_time ON messages (company_id, at) WHERE incoming;
CREATE INDEX tasks_of_customer ON tasks (company_id, customer_id) WHERE done_at IS NULL;
