//! E-invoices of Europe, Peru, Colombia and Brazil: what each variant says, in small files of our
//! own, and what the real ones say where they are at hand.

mod brazil;
mod cii;
mod colombia;
mod peru;
mod real;
mod said;
mod spain;
mod ubl;

use proptest::prelude::*;

/// One file of each kind, for what must hold of all.
fn samples() -> Vec<Vec<u8>> {
    let pay = "<b:PayableAmount currencyID=\"EUR\">119.00</b:PayableAmount>";
    let sums = spain::totals("100.00", "21.00", "0.00", "121.00", "121.00");
    vec![
        ubl::european("Invoice", "", "", pay).into_bytes(),
        peru::peruvian(
            "Invoice",
            "F001-1",
            "",
            &peru::form("Credito", "9", ""),
            "9",
        )
        .into_bytes(),
        colombia::colombian("Invoice", "", "9").into_bytes(),
        cii::cii("380", "", "120.00", false).into_bytes(),
        cii::pdf(cii::cii("380", "", "120.00", false).as_bytes()),
        brazil::nfe("<tpNF>1</tpNF>", "<cobr/>", "100").into_bytes(),
        spain::facturae("", &[("", &sums, "")]).into_bytes(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn broken_files_never_panic(which in 0usize..7, cut: u16, flips: [(u16, u8); 3]) {
        let mut bytes = samples().swap_remove(which);
        for (at, byte) in flips {
            let at = usize::from(at) % bytes.len();
            bytes[at] ^= byte;
        }
        let whole = said::said(&bytes, "f");
        prop_assert!(!whole.is_empty());
        bytes.truncate(usize::from(cut) % bytes.len());
        let _ = said::said(&bytes, "f");
    }
}
