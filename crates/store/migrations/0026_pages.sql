-- The list of what was sent, read by instant and contact: many may leave in the same instant.
DROP INDEX contacts_performed;
CREATE INDEX contacts_performed ON contacts (company_id, performed_at, id)
    WHERE performed_at IS NOT NULL;

-- Telephones of fewer than ten digits whole: cut before their beginning they would all be alike.
DROP INDEX contact_points_by_person;
CREATE INDEX contact_points_by_person ON contact_points (company_id,
    (CASE WHEN channel IN ('call', 'voicebot', 'whatsapp', 'sms') AND length(address) > 9
        THEN substr(address, length(address) - 8) ELSE address END),
    customer_id);
