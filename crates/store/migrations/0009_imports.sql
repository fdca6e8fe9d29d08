-- A reading waits as a draft while a person looks at how it would be read, runs part by part, and
-- may be cancelled or undone.
ALTER TABLE imports ADD COLUMN state TEXT NOT NULL DEFAULT 'running'
    CHECK (state IN ('draft', 'running', 'done', 'cancelled', 'failed', 'undone'));
UPDATE imports SET state = 'done' WHERE finished_at IS NOT NULL;
-- Where the uploaded file lies until it is read; NULL for one read where it was.
ALTER TABLE imports ADD COLUMN path TEXT;
ALTER TABLE imports ADD COLUMN size_bytes BIGINT;
-- What a person said of the file: an object.
ALTER TABLE imports ADD COLUMN options JSONB NOT NULL DEFAULT '{}';
-- Figures while it runs: an object.
ALTER TABLE imports ADD COLUMN progress JSONB NOT NULL DEFAULT '{}';
-- The last sign of life of whoever reads it.
ALTER TABLE imports ADD COLUMN beat_at BIGINT;
ALTER TABLE imports ADD COLUMN cancel_asked BOOLEAN NOT NULL DEFAULT FALSE;
-- Why it failed.
ALTER TABLE imports ADD COLUMN problem TEXT;

-- The ids of what each part of an import made, one after another, so that it can be undone: of an
-- address after its customer's, of a hold's end with its instant behind the hold's.
CREATE TABLE import_made (
    company_id UUID NOT NULL,
    import_id UUID NOT NULL,
    part UUID NOT NULL,
    entity TEXT NOT NULL,
    ids BYTEA NOT NULL,
    PRIMARY KEY (company_id, import_id, part, entity),
    FOREIGN KEY (company_id, import_id) REFERENCES imports (company_id, id)
);

-- What each part of an import changed: the row as it was, and a digest of it as it became.
CREATE TABLE import_changes (
    company_id UUID NOT NULL,
    import_id UUID NOT NULL,
    entity TEXT NOT NULL,
    entity_id UUID NOT NULL,
    part UUID NOT NULL,
    before JSONB NOT NULL,
    after BYTEA NOT NULL,
    PRIMARY KEY (company_id, import_id, entity, entity_id, part),
    FOREIGN KEY (company_id, import_id) REFERENCES imports (company_id, id)
);

-- Why a person dismissed a row; it counts as superseded.
ALTER TABLE quarantine ADD COLUMN dismissed TEXT;
CREATE INDEX quarantine_of_import ON quarantine (company_id, import_id);

-- How far a new company came in its first steps.
CREATE TABLE wizards (
    company_id UUID NOT NULL PRIMARY KEY REFERENCES companies (id),
    step TEXT NOT NULL,
    author TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    finished_at BIGINT
);
