//! What a chain should hold: records that wait, records and decisions in no link, contacts without
//! proof, messages other than those allowed.

use std::collections::HashMap;

use uuid::Uuid;

use super::{HELD, Held, Walk, Wrong};
use crate::bulk::Heavy;
use crate::chain::lists::{ENTRY, PART, decision_digest};
use crate::error::Result;
use crate::messages;
use crate::value::{FromRow, Row, binds};

/// Decisions held in memory at once; where there are more, the customers are gone through in
/// ranges.
const DECISIONS_AT_ONCE: usize = 2_000_000;

impl Walk {
    /// Records that wait for the sealer are what was left with it.
    pub(super) async fn waiting(&mut self, heavy: &mut Heavy<'_>) -> Result<()> {
        let sql = format!(
            "SELECT u.record_id, {{blob:u.kind}}, u.digest, {HELD} FROM unsealed u \
             LEFT JOIN proofs p ON p.company_id = u.company_id AND p.id = u.record_id \
             LEFT JOIN decision_lists d ON d.company_id = u.company_id AND d.id = u.record_id \
             WHERE u.company_id = $1 ORDER BY u.record_id"
        );
        let company = self.company;
        let mut step = |row: &mut Row<'_>| {
            let record: Uuid = row.get()?;
            let (kind, left): (Vec<u8>, Vec<u8>) = (row.get()?, row.get()?);
            let held: Held = row.get()?;
            self.out.unsealed.push(record);
            match held.digest(&kind) {
                None => self.out.say(Wrong::MissingRecord, None, Some(record)),
                Some((found, sound)) if !sound || left != found => {
                    self.out.say(Wrong::AlteredRecord, None, Some(record));
                }
                Some(_) => {}
            }
            if let Some(list) = &held.list {
                self.entries += list.entries.len() / ENTRY;
            }
            Ok(())
        };
        heavy.each(&sql, &binds![company], &mut step).await
    }

    /// Records that are in no link and wait for none.
    pub(super) async fn strays(&mut self, heavy: &mut Heavy<'_>) -> Result<()> {
        for table in ["proofs", "decision_lists"] {
            let sql = format!(
                "SELECT r.id FROM {table} r WHERE r.company_id = $1 \
                 AND NOT EXISTS (SELECT 1 FROM chain_links l \
                    WHERE l.company_id = r.company_id AND l.record_id = r.id) \
                 AND NOT EXISTS (SELECT 1 FROM unsealed u \
                    WHERE u.company_id = r.company_id AND u.record_id = r.id) ORDER BY r.id"
            );
            let company = self.company;
            let mut step = |row: &mut Row<'_>| {
                let record: Uuid = row.get()?;
                self.out.say(Wrong::InsertedRecord, None, Some(record));
                Ok(())
            };
            heavy.each(&sql, &binds![company], &mut step).await?;
        }
        Ok(())
    }

    /// Every decision is in a list, and every entry of a list is a decision.
    pub(super) async fn decisions(&mut self, heavy: &mut Heavy<'_>) -> Result<()> {
        for (after, last) in self.ranges(heavy).await? {
            let mut listed = self.listed(heavy, after, last).await?;
            self.compare(heavy, (after, last), &mut listed).await?;
            let mut left: Vec<[u8; PART]> = listed.into_keys().collect();
            left.sort_unstable();
            for id in left {
                let id = Uuid::from_bytes(id);
                self.out.say(Wrong::MissingDecision, None, Some(id));
            }
        }
        Ok(())
    }

    /// Ranges of customers whose decisions fit in memory.
    async fn ranges(&self, heavy: &mut Heavy<'_>) -> Result<Vec<(Uuid, Uuid)>> {
        const SQL: &str = "SELECT id FROM customers WHERE company_id = $1 ORDER BY id";
        let parts = self.entries / DECISIONS_AT_ONCE + 1;
        let mut ends = Vec::new();
        if parts > 1 {
            let customers: Vec<Uuid> = heavy
                .rows(SQL, &binds![self.company], FromRow::from_row)
                .await?;
            let size = customers.len().div_ceil(parts).max(1);
            ends.extend(customers.chunks(size).filter_map(|it| it.last().copied()));
            ends.pop();
        }
        ends.push(Uuid::max());
        let mut after = Uuid::nil();
        let range = |last| {
            let range = (after, last);
            after = last;
            range
        };
        Ok(ends.into_iter().map(range).collect())
    }

    /// The entries of all lists about a range of customers, less those taken back.
    async fn listed(
        &self,
        heavy: &mut Heavy<'_>,
        after: Uuid,
        last: Uuid,
    ) -> Result<HashMap<[u8; PART], [u8; PART]>> {
        const SQL: &str = "SELECT removed, entries FROM decision_lists WHERE company_id = $1";
        let mut listed: HashMap<[u8; PART], [u8; PART]> = HashMap::new();
        let mut removed: Vec<[u8; PART]> = Vec::new();
        let mut step = |row: &mut Row<'_>| {
            let (is_removed, entries): (bool, Vec<u8>) = (row.get()?, row.get()?);
            for entry in entries.chunks_exact(ENTRY) {
                let part = |n: usize| {
                    let mut part = [0; PART];
                    part.copy_from_slice(&entry[n * PART..(n + 1) * PART]);
                    part
                };
                let customer = Uuid::from_bytes(part(0));
                if customer <= after || customer > last {
                    continue;
                }
                if is_removed {
                    removed.push(part(1));
                } else {
                    listed.insert(part(1), part(2));
                }
            }
            Ok(())
        };
        heavy.each(SQL, &binds![self.company], &mut step).await?;
        for id in removed {
            listed.remove(&id);
        }
        Ok(listed)
    }

    async fn compare(
        &mut self,
        heavy: &mut Heavy<'_>,
        (after, last): (Uuid, Uuid),
        listed: &mut HashMap<[u8; PART], [u8; PART]>,
    ) -> Result<()> {
        const SQL: &str = "SELECT id, run_id, customer_id, {blob:CAST(as_of AS TEXT)}, \
            {blob:outcome}, {blob:reason}, {blob:facts}, recorded_at FROM decisions \
            WHERE company_id = $1 AND customer_id > $2 AND customer_id <= $3 \
            ORDER BY customer_id, id";
        let company = self.company;
        let mut step = |row: &mut Row<'_>| {
            let [id, run, customer]: [Uuid; 3] = [row.get()?, row.get()?, row.get()?];
            let as_of: Vec<u8> = row.get()?;
            let [outcome, reason, facts]: [Vec<u8>; 3] = [row.get()?, row.get()?, row.get()?];
            let found = decision_digest(
                id.as_bytes(),
                run.as_bytes(),
                customer.as_bytes(),
                &as_of,
                (&outcome, &reason, &facts),
                row.get()?,
            );
            self.out.decisions += 1;
            let wrong = match listed.remove(id.as_bytes()) {
                None => Some(Wrong::InsertedDecision),
                Some(kept) if kept != found => Some(Wrong::AlteredDecision),
                Some(_) => None,
            };
            if let Some(wrong) = wrong {
                self.out.say(wrong, None, Some(id));
            }
            Ok(())
        };
        heavy
            .each(SQL, &binds![company, after, last], &mut step)
            .await
    }

    /// Whoever cuts proofs and links off the end together leaves contacts without theirs.
    pub(super) async fn contacts(&mut self, heavy: &mut Heavy<'_>) -> Result<()> {
        const SQL: &str = "SELECT t.id, \
            CASE WHEN t.state = 'suppressed' THEN \
                EXISTS (SELECT 1 FROM proofs p WHERE p.company_id = t.company_id \
                    AND p.contact_id = t.id AND p.kind = 'suppressed') \
            ELSE EXISTS (SELECT 1 FROM proofs p WHERE p.company_id = t.company_id \
                    AND p.contact_id = t.id AND p.kind = 'allowed') \
                AND (t.state = 'claimed' OR EXISTS (SELECT 1 FROM proofs p \
                    WHERE p.company_id = t.company_id \
                    AND p.contact_id = t.id AND p.kind = 'result')) END \
            FROM contacts t WHERE t.company_id = $1 AND t.state <> 'planned' ORDER BY t.id";
        let company = self.company;
        let mut step = |row: &mut Row<'_>| {
            let (contact, proven): (Uuid, bool) = (row.get()?, row.get()?);
            self.out.contacts += 1;
            if !proven {
                self.out.say(Wrong::Unproven, None, Some(contact));
            }
            Ok(())
        };
        heavy.each(SQL, &binds![company], &mut step).await
    }

    /// A message that went out is, word for word, one that a proof allowed.
    pub(super) async fn messages(&mut self, heavy: &mut Heavy<'_>) -> Result<()> {
        const SQL: &str = "SELECT m.contact_id, {blob:m.subject}, {blob:m.body_text}, \
            {blob:m.body_html}, {blob:p.body}, \
            (SELECT COUNT(*) FROM erasures e WHERE e.company_id = m.company_id \
             AND e.customer_id = m.customer_id) FROM messages m JOIN proofs p \
            ON p.company_id = m.company_id AND p.contact_id = m.contact_id \
            AND p.kind = 'allowed' \
            WHERE m.company_id = $1 AND m.contact_id IS NOT NULL ORDER BY m.contact_id";
        let company = self.company;
        // Several proofs allow a message that was put back and claimed again: one is enough.
        let mut open: Option<(Uuid, bool)> = None;
        let mut step = |row: &mut Row<'_>| {
            let contact: Uuid = row.get()?;
            let [subject, text]: [Vec<u8>; 2] = [row.get()?, row.get()?];
            let html: Option<Vec<u8>> = row.get()?;
            let proof: Vec<u8> = row.get()?;
            let erased: i64 = row.get()?;
            if let Some((before, allowed)) = open
                && before != contact
            {
                self.message(before, allowed);
                open = None;
            }
            let digest = messages::digest_bytes(&subject, &text, html.as_deref());
            let named = hex(&digest);
            let says = proof.windows(named.len()).any(|it| it == named.as_bytes());
            // What was erased at a person's request leaves the digest alone.
            let allowed =
                says || (erased > 0 && text.is_empty()) || open.is_some_and(|(_, before)| before);
            open = Some((contact, allowed));
            Ok(())
        };
        heavy.each(SQL, &binds![company], &mut step).await?;
        if let Some((contact, allowed)) = open {
            self.message(contact, allowed);
        }
        Ok(())
    }

    fn message(&mut self, contact: Uuid, allowed: bool) {
        self.out.messages += 1;
        if !allowed {
            self.out.say(Wrong::AlteredMessage, None, Some(contact));
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}
