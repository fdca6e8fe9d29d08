-- What waits for release is counted by step, tone and channel from the index alone.
DROP INDEX contacts_held;
CREATE INDEX contacts_held ON contacts (company_id, planned_at, id, step, tone, channel)
    WHERE state = 'planned' AND held_at IS NOT NULL;

-- Two runs are laid side by side customer by customer.
DROP INDEX contacts_by_run;
CREATE INDEX contacts_by_run ON contacts (company_id, run_id, customer_id);
