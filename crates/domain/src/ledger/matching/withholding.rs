//! Taxes that payers keep back by law, as data: what may be missing to an invoice and why.
//!
//! Only rates that recur on invoices between companies are here. Where a payer keeps back two at
//! once, their sum is tried as well. A difference that equals one proves nothing by itself: it
//! explains why less came, and the money is laid the same.

use crate::customer::Country;

/// A tax that a payer keeps back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Withholding {
    /// The word it is stored as.
    pub code: &'static str,
    /// How it is called, in Spanish.
    pub name: &'static str,
    /// What it is reckoned from.
    pub base: Base,
    /// The rate as a fraction.
    pub rate: (i64, i64),
    /// The country's general rate of value added tax in per cent, for invoices that do not say
    /// what they are without it.
    pub vat: i64,
    /// Where the rate is written.
    pub source: &'static str,
}

/// What a withholding is reckoned from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Base {
    /// The amount without value added tax.
    Net,
    /// The value added tax.
    Tax,
    /// The amount with it.
    Total,
}

impl Withholding {
    /// What is kept back of an invoice, in minor units, half up. `net` is without tax, where the
    /// invoice says it.
    pub fn kept(&self, total: i64, net: Option<i64>) -> i64 {
        let total = i128::from(total);
        let net = net.map_or_else(
            || half_up(total * 100, 100 + i128::from(self.vat)),
            i128::from,
        );
        let base = match self.base {
            Net => net,
            Tax => total - net,
            Total => total,
        };
        let kept = half_up(base * i128::from(self.rate.0), i128::from(self.rate.1));
        i64::try_from(kept).unwrap_or(0)
    }
}

fn half_up(over: i128, under: i128) -> i128 {
    (2 * over + under).div_euclid(2 * under)
}

/// What payers in a country keep back; nothing where we know of none.
pub fn of(country: Country) -> Vec<Withholding> {
    let (vat, table) = match country.code() {
        "MX" => (16, MEXICO),
        "CL" => (19, CHILE),
        "CO" => (19, COLOMBIA),
        "PE" => (18, PERU),
        "BR" => (0, BRAZIL),
        "EC" => (15, ECUADOR),
        "ES" => (21, SPAIN),
        _ => return Vec::new(),
    };
    let row = |&(code, name, base, rate, source): &Row| Withholding {
        code,
        name,
        base,
        rate,
        vat,
        source,
    };
    table.iter().map(row).collect()
}

type Row = (&'static str, &'static str, Base, (i64, i64), &'static str);

use Base::{Net, Tax, Total};

const MEXICO: &[Row] = &[
    (
        "isr_10",
        "retención de ISR del 10 %",
        Net,
        (10, 100),
        "LISR arts. 106 y 116",
    ),
    (
        "isr_1_25",
        "retención de ISR del 1.25 % (RESICO)",
        Net,
        (125, 10_000),
        "LISR art. 113-J",
    ),
    (
        "iva_2_3",
        "retención de dos tercios del IVA",
        Tax,
        (2, 3),
        "LIVA art. 1-A; RLIVA art. 3, I",
    ),
    (
        "iva_4",
        "retención de IVA del 4 % (fletes)",
        Net,
        (4, 100),
        "RLIVA art. 3, II",
    ),
];

const CHILE: &[Row] = &[
    (
        "hon_14_5",
        "retención de honorarios del 14,5 %",
        Total,
        (145, 1_000),
        "Ley 21.133 (2025)",
    ),
    (
        "hon_15_25",
        "retención de honorarios del 15,25 %",
        Total,
        (1_525, 10_000),
        "Ley 21.133 (2026)",
    ),
    (
        "iva_total",
        "IVA retenido por cambio de sujeto",
        Tax,
        (1, 1),
        "DL 825 art. 3",
    ),
];

const COLOMBIA: &[Row] = &[
    (
        "rf_2_5",
        "retefuente del 2,5 % (compras)",
        Net,
        (25, 1_000),
        "E.T. art. 401; DUR 1625 de 2016",
    ),
    (
        "rf_3_5",
        "retefuente del 3,5 %",
        Net,
        (35, 1_000),
        "E.T. art. 401; DUR 1625 de 2016",
    ),
    (
        "rf_4",
        "retefuente del 4 % (servicios)",
        Net,
        (4, 100),
        "E.T. art. 392; DUR 1625 de 2016",
    ),
    (
        "rf_6",
        "retefuente del 6 % (servicios)",
        Net,
        (6, 100),
        "E.T. art. 392; DUR 1625 de 2016",
    ),
    (
        "rf_10",
        "retefuente del 10 % (honorarios)",
        Net,
        (10, 100),
        "E.T. art. 392",
    ),
    (
        "rf_11",
        "retefuente del 11 % (honorarios)",
        Net,
        (11, 100),
        "E.T. art. 392",
    ),
    (
        "rf_1",
        "retefuente del 1 % (transporte de carga)",
        Net,
        (1, 100),
        "DUR 1625 de 2016",
    ),
    (
        "reteiva_15",
        "reteIVA del 15 %",
        Tax,
        (15, 100),
        "E.T. art. 437-1",
    ),
];

const PERU: &[Row] = &[
    (
        "igv_3",
        "retención de IGV del 3 %",
        Total,
        (3, 100),
        "R. S. 033-2014/SUNAT",
    ),
    (
        "spot_4",
        "detracción del 4 %",
        Total,
        (4, 100),
        "D. Leg. 940; R. S. 183-2004/SUNAT",
    ),
    (
        "spot_10",
        "detracción del 10 %",
        Total,
        (10, 100),
        "D. Leg. 940; R. S. 183-2004/SUNAT",
    ),
    (
        "spot_12",
        "detracción del 12 %",
        Total,
        (12, 100),
        "D. Leg. 940; R. S. 183-2004/SUNAT",
    ),
    (
        "renta_8",
        "retención de renta del 8 %",
        Total,
        (8, 100),
        "LIR art. 74",
    ),
];

const BRAZIL: &[Row] = &[
    (
        "irrf_1_5",
        "IRRF de 1,5 %",
        Total,
        (15, 1_000),
        "RIR/2018 art. 714",
    ),
    (
        "csrf_4_65",
        "CSLL, PIS y COFINS de 4,65 %",
        Total,
        (465, 10_000),
        "Lei 10.833/2003 art. 30",
    ),
    (
        "inss_11",
        "INSS de 11 %",
        Total,
        (11, 100),
        "Lei 8.212/1991 art. 31",
    ),
    (
        "iss_5",
        "ISS retenido de 5 %",
        Total,
        (5, 100),
        "LC 116/2003 art. 8",
    ),
    (
        "iss_2",
        "ISS retenido de 2 %",
        Total,
        (2, 100),
        "LC 116/2003 art. 8-A",
    ),
];

const ECUADOR: &[Row] = &[
    (
        "renta_10",
        "retención de renta del 10 %",
        Net,
        (10, 100),
        "LRTI art. 45",
    ),
    (
        "iva_30",
        "retención de IVA del 30 %",
        Tax,
        (30, 100),
        "LRTI art. 63",
    ),
    (
        "iva_70",
        "retención de IVA del 70 %",
        Tax,
        (70, 100),
        "LRTI art. 63",
    ),
    (
        "iva_100",
        "retención de IVA del 100 %",
        Tax,
        (1, 1),
        "LRTI art. 63",
    ),
];

const SPAIN: &[Row] = &[
    (
        "irpf_15",
        "retención de IRPF del 15 %",
        Net,
        (15, 100),
        "LIRPF art. 101.5",
    ),
    (
        "irpf_7",
        "retención de IRPF del 7 %",
        Net,
        (7, 100),
        "LIRPF art. 101.5",
    ),
    (
        "irpf_19",
        "retención de IRPF del 19 % (alquileres)",
        Net,
        (19, 100),
        "LIRPF art. 101.8",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_back_of_an_invoice() {
        let find = |country: &str, code: &str| {
            let country = Country::new(country).expect("two letters");
            let all = of(country).into_iter();
            all.into_iter()
                .find(|it| it.code == code)
                .expect("in the table")
        };
        let cases = [
            ("MX", "isr_10", 116_000, Some(100_000), 10_000),
            ("MX", "iva_2_3", 116_000, Some(100_000), 10_667),
            ("MX", "isr_1_25", 116_000, None, 1_250),
            ("CO", "rf_4", 119_000_000, None, 4_000_000),
            ("CO", "reteiva_15", 119_000_000, None, 2_850_000),
            ("PE", "igv_3", 118_000, None, 3_540),
            ("CL", "hon_15_25", 1_000_001, None, 152_500),
        ];
        for (country, code, total, net, kept) in cases {
            assert_eq!(
                find(country, code).kept(total, net),
                kept,
                "{country} {code}"
            );
        }
        assert!(of(Country::new("US").expect("two letters")).is_empty());
    }
}
