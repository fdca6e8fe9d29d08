//! Tables of what pages take.

use std::fmt::Write as _;

use super::words::{row, significant, thousands};
use crate::bench::served::{Paged, Served};

/// A table per size and database, smallest first.
pub fn tables(served: &[Served]) -> String {
    let mut out = String::new();
    let mut all: Vec<&Served> = served.iter().collect();
    all.sort_by_key(|it| (it.size.documents, it.engine));
    for it in all {
        let documents = thousands(it.size.documents);
        let _infallible = writeln!(
            out,
            "\n### {documents} documents, {}\n\nThe program held {} MiB at most.\n\n\
             | Page | Addresses | Requests | p50, ms | p99, ms | Budget, ms | Packed, KiB | Plain, KiB |\n\
             |---|--:|--:|--:|--:|--:|--:|--:|",
            it.engine,
            it.peak_kib.div_ceil(1024),
        );
        for page in &it.pages {
            line(&mut out, page);
        }
    }
    out
}

/// The same for people who wait, with the slowest addresses.
pub fn lines(served: &Served) -> String {
    let mut out = String::new();
    for page in &served.pages {
        let [p50, p99] = [page.p50_ms, page.p99_ms].map(significant);
        let over = if page.p99_ms > page.budget_ms() {
            "OVER"
        } else {
            ""
        };
        let _infallible = writeln!(
            out,
            "{:<8} {:<26} {p50:>6} {p99:>6} ms {over:<5} {}",
            page.face, page.page, page.slowest
        );
    }
    out
}

fn line(out: &mut String, page: &Paged) {
    let p99 = significant(page.p99_ms);
    let is_over = page.p99_ms > page.budget_ms();
    row(
        out,
        &[
            &format!("{}: {}", page.face, page.page),
            &page.addresses.to_string(),
            &page.requests.to_string(),
            &significant(page.p50_ms),
            &if is_over { format!("**{p99}**") } else { p99 },
            &significant(page.budget_ms()),
            &kib(page.packed_bytes),
            &kib(page.bytes),
        ],
    );
}

#[expect(clippy::cast_precision_loss, reason = "pages are small")]
fn kib(bytes: u64) -> String {
    significant(bytes as f64 / 1024.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::served::tests::served;

    #[test]
    fn what_is_over_its_budget_stands_out() {
        let text = tables(&[served(1_000)]);
        assert!(text.contains("### 1,000 documents, SQLite"), "{text}");
        let home = "| console: home | 1 | 300 | 12.0 | **61.0** | 50.0 | 4.00 | 16.0 |";
        assert!(text.contains(home), "{text}");
        let door = "| portal: door | 40 | 300 | 1.50 | 3.25 | 20.0 | 1.00 | 2.00 |";
        assert!(text.contains(door), "{text}");
    }
}
