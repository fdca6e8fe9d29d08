-- Figures of a company as of a day, computed from its facts in one pass; a page reads the latest.
-- Nothing but pages reads them: they may be deleted at any time.
CREATE TABLE figures (
    company_id UUID NOT NULL REFERENCES companies (id),
    kind TEXT NOT NULL,
    as_of DATE NOT NULL,
    body JSONB NOT NULL,
    computed_at BIGINT NOT NULL,
    -- How long it took: what is dear is computed less often.
    took_millis BIGINT NOT NULL,
    PRIMARY KEY (company_id, kind, as_of)
);

-- Who computes, so that several processes do not do the same.
CREATE TABLE figure_claims (
    company_id UUID NOT NULL PRIMARY KEY REFERENCES companies (id),
    since BIGINT NOT NULL
);

-- What waits for a person is counted in an index alone.
CREATE INDEX tasks_open_kinds ON tasks (company_id, kind) WHERE done_at IS NULL;
