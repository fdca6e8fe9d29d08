-- The list of what was sent, read by instant and contact: many may leave in the same instant.
DROP INDEX contacts_performed;
CREATE INDEX contacts_performed ON contacts (company_id, performed_at, id)
    WHERE performed_at IS NOT NULL;
