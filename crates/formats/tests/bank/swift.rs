//! MT940 and MT942.

use super::*;

#[test]
fn mt940_with_envelope_and_pages() {
    let read = read(MT940);
    assert_eq!((&read.faults[..], &read.warnings[..]), (&[][..], &[][..]));
    assert_eq!(read.heads.len(), 2);
    let head = &read.heads[0];
    assert_eq!(head.account.number.as_deref(), Some("0123456789"));
    assert_eq!(head.account.bank.as_deref(), Some("BANKMXMM"));
    assert_eq!(head.number.as_deref(), Some("00012/001"));
    assert_eq!(
        head.opening.and_then(|balance| balance.on),
        Some(date(2025, 12, 30))
    );
    let [first, back, fee] = read.moved.as_slice() else {
        panic!("{:?}", read.moved)
    };
    assert_eq!(
        (first.value, first.booked),
        (Some(date(2025, 12, 31)), date(2026, 1, 2))
    );
    assert_eq!(first.amount, mxn(25_050));
    assert_eq!(first.reference.as_deref(), Some("BANCO77"));
    assert_eq!(first.end_to_end.as_deref(), Some("E2E-7"));
    assert_eq!(first.text, "COBRO FACTURA A-1045");
    assert_eq!(first.counterparty.name.as_deref(), Some("JOSE NANDU"));
    assert_eq!((back.amount, back.reversal), (mxn(-10_000), true));
    assert_eq!(back.text, "DEVOLUCION CHEQUE");
    assert_eq!(fee.amount, mxn(-50));
    assert_eq!(
        read.tails[1].closing.map(|balance| balance.amount),
        Some(mxn(115_000))
    );
}

#[test]
fn mt940_lines_that_cannot_be_read_cost_no_other() {
    let text = MT940.replace(":61:260102RC100,", ":61:260102RC1OO,");
    let read = read(text);
    assert_eq!(read.moved.len(), 2);
    assert_eq!(read.faults.len(), 1);
    assert_eq!((read.faults[0].line, read.faults[0].field), (11, "importe"));
    // The details of the line that was not read are no other's.
    assert!(
        read.moved
            .iter()
            .all(|moved| !moved.text.contains("DEVOLUCION"))
    );
    assert_eq!(read.warnings.len(), 1);
}

#[test]
fn mt942_is_interim_and_counted() {
    let text = ":20:X\n:25:0123\n:28C:1/1\n:34F:EURD0,00\n:13D:2601021730+0000\n\
                :61:2601020102C3,50NTRFNONREF//A\n:90D:0EUR0,00\n:90C:1EUR3,50\n-\n";
    assert_eq!(sniff(text.as_bytes(), "x"), Some(BankFormat::Mt942));
    let told = read(text);
    assert!(told.heads[0].interim);
    assert_eq!(told.heads[0].format, BankFormat::Mt942);
    assert_eq!(told.moved[0].amount, eur(350));
    assert_eq!(told.tails[0].to, Some(date(2026, 1, 2)));
    assert_eq!(told.warnings, []);
    let short = read(text.replace(":90C:1EUR3,50", ":90C:2EUR7,00"));
    assert!(short.warnings[0].reason.contains("7.00"));
}
