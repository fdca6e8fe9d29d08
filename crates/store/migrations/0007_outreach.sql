-- Review before it goes: contacts that wait for a person, runs by whom and for which day, and who is
-- left alone and why.

-- A planned contact that is held is passed over by the claim; who holds it, since when and why.
-- 'review' waits for the company's look at the day's run; a cancelled one keeps its canceller here.
ALTER TABLE contacts ADD COLUMN held_at BIGINT;
ALTER TABLE contacts ADD COLUMN held_by TEXT;
ALTER TABLE contacts ADD COLUMN held_reason TEXT;

-- Whether what a run plans waits for release, and who began it.
ALTER TABLE runs ADD COLUMN review BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE runs ADD COLUMN author TEXT NOT NULL DEFAULT 'puntual';
-- The day whose scheduled run it is: one a day, however many processes tick.
ALTER TABLE runs ADD COLUMN daily_on DATE;
CREATE UNIQUE INDEX runs_daily ON runs (company_id, daily_on) WHERE daily_on IS NOT NULL;
CREATE INDEX runs_latest ON runs (company_id, started_at, id);

-- The word of the silence that stands for a customer; NULL where a contact was decided.
ALTER TABLE standings ADD COLUMN silence TEXT;
UPDATE standings SET silence = (SELECT d.reason FROM decisions d
    WHERE d.company_id = standings.company_id AND d.customer_id = standings.customer_id
        AND d.id = standings.decision_id AND d.outcome = 'silence');
CREATE INDEX standings_by_silence ON standings (company_id, silence, customer_id)
    WHERE silence IS NOT NULL;

-- Each list of the outbox is a walk along one small index; a contact stands in one of the first
-- three at a time, so a run writes no more entries than before.
DROP INDEX contacts_to_do;
CREATE INDEX contacts_due ON contacts (company_id, planned_at, id)
    WHERE state = 'planned' AND held_at IS NULL;
CREATE INDEX contacts_held ON contacts (company_id, planned_at, id)
    WHERE state = 'planned' AND held_at IS NOT NULL;
CREATE INDEX contacts_claimed ON contacts (company_id, claimed_at, id) WHERE state = 'claimed';
CREATE INDEX contacts_suppressed ON contacts (company_id, planned_at, id)
    WHERE state = 'suppressed';
CREATE INDEX contacts_failed ON contacts (company_id, planned_at, id) WHERE state = 'failed';
CREATE INDEX contacts_unknown ON contacts (company_id, planned_at, id) WHERE state = 'unknown';
CREATE INDEX contacts_by_run ON contacts (company_id, run_id, id);
