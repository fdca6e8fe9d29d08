//! Ways to spoil a good database, each with what the auditor must say of it: an auditor that has
//! not been seen to find is no auditor.

use std::fs;

use crate::program::Program;

/// One way to spoil, and the rule that names it.
#[derive(Clone, Copy, Debug)]
pub struct Trial {
    /// What is done.
    pub harm: Harm,
    /// The finding that must come.
    pub rule: &'static str,
}

/// What is done to the database or the folder of messages.
#[derive(Clone, Copy, Debug)]
pub enum Harm {
    /// A statement past the program.
    Sql(&'static str),
    /// A file of no contact.
    StrayFile,
    /// A file that was written is gone.
    LostFile,
    /// A second file of a contact.
    SecondFile,
}

const fn sql(sql: &'static str, rule: &'static str) -> Trial {
    Trial {
        harm: Harm::Sql(sql),
        rule,
    }
}

/// A document that was paid in part, a contact that was sent.
const ALL: [Trial; 33] = [
    sql(
        "DELETE FROM applications WHERE id = (SELECT id FROM applications ORDER BY id LIMIT 1)",
        "application-lost",
    ),
    sql(
        "INSERT INTO documents (company_id, id, customer_id, number, kind, issued_on, due_on, \
         currency, amount_minor, direct_debit, settled_on_projection, extra, source_digest, \
         recorded_at) SELECT company_id, (SELECT id FROM payments ORDER BY id LIMIT 1), \
         customer_id, 'OTRA-1', kind, issued_on, due_on, currency, amount_minor, direct_debit, \
         settled_on_projection, extra, source_digest, recorded_at FROM documents \
         WHERE number = 'INV0000007'",
        "document-strange",
    ),
    sql(
        "UPDATE documents SET number = 'OTRA-2' WHERE number = 'INV0000008'",
        "document-lost",
    ),
    sql(
        "UPDATE documents SET amount_minor = amount_minor + 1 WHERE number = 'INV0000009'",
        "document-differs",
    ),
    sql(
        "UPDATE documents SET amount_minor = amount_minor + 1 WHERE number = 'INV0000009'",
        "total",
    ),
    sql(
        "UPDATE documents SET due_on = '2026-12-31' WHERE number = 'INV0000010'",
        "document-differs",
    ),
    sql(
        "UPDATE documents SET currency = 'EUR' WHERE number = 'INV0000011'",
        "document-differs",
    ),
    sql(
        "UPDATE payments SET amount_minor = amount_minor - 1 WHERE reference = 'P0000001'",
        "over-applied",
    ),
    sql(
        "UPDATE payments SET paid_on = '2026-10-30' WHERE reference = 'P0000002'",
        "payment-differs",
    ),
    sql(
        "UPDATE applications SET amount_minor = 999999999",
        "over-applied",
    ),
    sql(
        "UPDATE applications SET customer_id = (SELECT id FROM customers WHERE key = 'C000299') \
         WHERE id = (SELECT id FROM applications ORDER BY id LIMIT 1)",
        "application",
    ),
    sql(
        "UPDATE documents SET settled_on_projection = NULL",
        "projection",
    ),
    sql(
        "UPDATE payments SET spent_on_projection = '2026-01-01'",
        "projection",
    ),
    sql(
        "UPDATE customers SET name = 'Otra' WHERE key = 'C000005'",
        "customer-differs",
    ),
    sql(
        "DELETE FROM contact_points WHERE id = (SELECT id FROM contact_points ORDER BY id LIMIT 1)",
        "contact-point",
    ),
    sql(
        "DELETE FROM holds WHERE kind = 'dispute' AND document_id IS NOT NULL",
        "dispute",
    ),
    sql("DELETE FROM quarantine WHERE row_number = 5", "quarantine"),
    sql(
        "UPDATE imports SET finished_at = NULL WHERE file = 'invoices.csv'",
        "import",
    ),
    sql(
        "UPDATE runs SET summary = '{\"contacts\":1}'",
        "run-figures",
    ),
    sql(
        "UPDATE run_parts SET summary = NULL, done_at = NULL",
        "run-part",
    ),
    sql("DELETE FROM run_parts WHERE number = 0", "run-part"),
    sql("UPDATE runs SET finished_at = NULL", "run"),
    sql(
        "DELETE FROM standings WHERE customer_id = (SELECT id FROM customers WHERE key = 'C000004')",
        "standing",
    ),
    sql(
        "UPDATE decisions SET reason = 'otra' WHERE outcome = 'contact'",
        "contact-decision",
    ),
    sql(
        "UPDATE contacts SET state = 'planned' \
         WHERE id = (SELECT id FROM contacts WHERE state = 'sent' ORDER BY id LIMIT 1)",
        "contact-state",
    ),
    sql(
        "UPDATE contacts SET performed_at = performed_at - 28800000000 \
         WHERE id = (SELECT id FROM contacts WHERE state = 'sent' ORDER BY id LIMIT 1)",
        "out-of-hours",
    ),
    sql(
        "UPDATE contacts SET content = replace(content, '\"open\":{\"amount\":\"', \
         '\"open\":{\"amount\":\"1') WHERE kind = 'step'",
        "amount",
    ),
    sql(
        "INSERT INTO contacts (company_id, id, customer_id, run_id, decision_id, kind, step, \
         key_day, channel, point_id, template, tone, content, state, reason, planned_at, \
         claimed_at, claimed_by, performed_at, recorded_at) \
         SELECT company_id, (SELECT id FROM payments ORDER BY id LIMIT 1), \
         customer_id, run_id, decision_id, kind, 'otro-paso', key_day, channel, point_id, \
         template, tone, content, state, reason, planned_at, claimed_at, claimed_by, \
         performed_at, recorded_at FROM contacts \
         WHERE id = (SELECT id FROM contacts WHERE state = 'sent' ORDER BY id LIMIT 1)",
        "contact-twice",
    ),
    sql(
        "DELETE FROM proofs WHERE id = (SELECT id FROM proofs WHERE kind = 'allowed' LIMIT 1)",
        "proof-lost",
    ),
    sql(
        "UPDATE proofs SET body = replace(body, 'e', 'E')",
        "proof-digest",
    ),
    sql(
        "DELETE FROM messages WHERE id = (SELECT id FROM messages LIMIT 1)",
        "message",
    ),
    sql(
        "UPDATE messages SET body_text = body_text || ' '",
        "message-digest",
    ),
    sql(
        "DELETE FROM events WHERE kind = 'contact.finished'",
        "event",
    ),
];

/// Who was written to without owing: what freezes the debt was known before.
const FROZEN: [Trial; 2] = [
    sql(
        "INSERT INTO promises SELECT company_id, id, customer_id, 'MXN', 9999999999, \
         '2026-10-30', '2026-11-30', '', 'x', 0 FROM contacts WHERE kind = 'step' \
         AND content NOT LIKE '%USD%' AND id = (SELECT id FROM contacts WHERE kind = 'step' \
         AND content NOT LIKE '%USD%' ORDER BY id LIMIT 1)",
        "owed-nothing",
    ),
    sql(
        "INSERT INTO holds SELECT company_id, id, customer_id, NULL, 'pause', NULL, NULL, \
         '2026-10-30', NULL, 'x', 'x', 0 FROM contacts \
         WHERE id = (SELECT id FROM contacts WHERE kind = 'step' ORDER BY id LIMIT 1)",
        "paused",
    ),
];

const FILES: [Trial; 3] = [
    Trial {
        harm: Harm::StrayFile,
        rule: "stray",
    },
    Trial {
        harm: Harm::LostFile,
        rule: "file",
    },
    Trial {
        harm: Harm::SecondFile,
        rule: "file",
    },
];

/// All trials.
pub fn trials() -> impl Iterator<Item = Trial> {
    ALL.into_iter().chain(FROZEN).chain(FILES)
}

impl Harm {
    /// Does it to a program's database, or to its folder `outbox`.
    ///
    /// # Panics
    /// When it cannot be done.
    pub fn to(self, program: &Program) {
        let outbox = program.folder().join("outbox");
        let first = || {
            let mut files = fs::read_dir(&outbox).expect("an outbox");
            files.next().expect("a message").expect("a file").path()
        };
        match self {
            Self::Sql(sql) => program.tamper(sql),
            Self::StrayFile => {
                let name = "01a19242-9700-7000-8000-000000000000.eml";
                fs::copy(first(), outbox.join(name))
                    .map(drop)
                    .expect("the disk has room");
            }
            Self::LostFile => fs::remove_file(first()).expect("it was there"),
            Self::SecondFile => {
                let second = first().with_extension("2.eml");
                fs::copy(first(), second)
                    .map(drop)
                    .expect("the disk has room");
            }
        }
    }
}
