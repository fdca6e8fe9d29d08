//! Figures as the pages of results write them.

use crate::bench::results::Spread;

/// A row of a table.
pub fn row(out: &mut String, cells: &[&str]) {
    out.push_str("| ");
    out.push_str(&cells.join(" | "));
    out.push_str(" |\n");
}

/// `2.94×`; two digits behind the point tell 1.96 from 2.04.
pub fn times(ratio: f64) -> String {
    format!("{ratio:.2}×")
}

/// The middle, and in brackets least and greatest when there is a difference to see.
pub fn times_spread(spread: Spread) -> String {
    let [least, middle, greatest] = [spread.least, spread.middle, spread.greatest].map(times);
    if least == greatest {
        return middle;
    }
    format!("{middle} ({least}–{greatest})")
}

/// Seconds, the middle, with least and greatest when there is a difference to see.
pub fn seconds(spread: Spread) -> String {
    let [least, middle, greatest] = [spread.least, spread.middle, spread.greatest].map(significant);
    if least == greatest {
        return middle;
    }
    format!("{middle} ({least}–{greatest})")
}

/// Three digits that mean something, and no more.
pub fn significant(value: f64) -> String {
    match value.abs() {
        0.0..0.0005 => "0".to_owned(),
        ..1.0 => format!("{value:.3}"),
        ..10.0 => format!("{value:.2}"),
        ..100.0 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

/// `+12 %`
pub fn signed_percent(part: f64) -> String {
    let text = format!("{:+.0} %", part * 100.0);
    if text == "-0 %" {
        "+0 %".to_owned()
    } else {
        text.replace('-', "−")
    }
}

/// `1,000,000`
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_as_many_digits_as_were_measured() {
        for (value, text) in [
            (0.0001, "0"),
            (0.0123, "0.012"),
            (1.2345, "1.23"),
            (12.345, "12.3"),
            (1234.5, "1234"),
        ] {
            assert_eq!(significant(value), text);
        }
        assert_eq!(thousands(1_234_567), "1,234,567");
        assert_eq!(thousands(999), "999");
        for (part, text) in [(0.123, "+12 %"), (-0.2, "−20 %"), (-0.001, "+0 %")] {
            assert_eq!(signed_percent(part), text);
        }
    }
}
