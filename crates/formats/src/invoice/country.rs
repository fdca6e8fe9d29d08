//! Countries by the three letters that some standards write (ISO 3166-1 alpha-3).

use domain::customer::Country;

/// Those that customers of Latin American companies live in, with the two letters of each.
const ALPHA_3: [(&str, &str); 76] = [
    ("ARE", "AE"),
    ("ARG", "AR"),
    ("AUS", "AU"),
    ("AUT", "AT"),
    ("BEL", "BE"),
    ("BGR", "BG"),
    ("BLZ", "BZ"),
    ("BOL", "BO"),
    ("BRA", "BR"),
    ("CAN", "CA"),
    ("CHE", "CH"),
    ("CHL", "CL"),
    ("CHN", "CN"),
    ("COL", "CO"),
    ("CRI", "CR"),
    ("CUB", "CU"),
    ("CYP", "CY"),
    ("CZE", "CZ"),
    ("DEU", "DE"),
    ("DNK", "DK"),
    ("DOM", "DO"),
    ("ECU", "EC"),
    ("EGY", "EG"),
    ("ESP", "ES"),
    ("EST", "EE"),
    ("FIN", "FI"),
    ("FRA", "FR"),
    ("GBR", "GB"),
    ("GRC", "GR"),
    ("GTM", "GT"),
    ("HKG", "HK"),
    ("HND", "HN"),
    ("HRV", "HR"),
    ("HTI", "HT"),
    ("HUN", "HU"),
    ("IDN", "ID"),
    ("IND", "IN"),
    ("IRL", "IE"),
    ("ISR", "IL"),
    ("ITA", "IT"),
    ("JAM", "JM"),
    ("JPN", "JP"),
    ("KOR", "KR"),
    ("LTU", "LT"),
    ("LUX", "LU"),
    ("LVA", "LV"),
    ("MAR", "MA"),
    ("MEX", "MX"),
    ("MLT", "MT"),
    ("MYS", "MY"),
    ("NIC", "NI"),
    ("NLD", "NL"),
    ("NOR", "NO"),
    ("NZL", "NZ"),
    ("PAN", "PA"),
    ("PER", "PE"),
    ("PHL", "PH"),
    ("POL", "PL"),
    ("PRI", "PR"),
    ("PRT", "PT"),
    ("PRY", "PY"),
    ("ROU", "RO"),
    ("RUS", "RU"),
    ("SAU", "SA"),
    ("SGP", "SG"),
    ("SLV", "SV"),
    ("SVK", "SK"),
    ("SVN", "SI"),
    ("SWE", "SE"),
    ("THA", "TH"),
    ("TUR", "TR"),
    ("TWN", "TW"),
    ("URY", "UY"),
    ("USA", "US"),
    ("VEN", "VE"),
    ("ZAF", "ZA"),
];

/// A country by two or three letters; `None` where they are not known.
pub(super) fn by_code(code: &str) -> Option<Country> {
    let code = code.trim().to_ascii_uppercase();
    if code.len() == 2 {
        return Country::new(&code);
    }
    let at = ALPHA_3
        .binary_search_by(|(three, _)| three.cmp(&code.as_str()))
        .ok()?;
    Country::new(ALPHA_3[at].1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_letters_are_two() {
        assert!(ALPHA_3.is_sorted());
        assert_eq!(by_code("usa"), Country::new("US"));
        assert_eq!(by_code("MX"), Country::new("MX"));
        assert_eq!(by_code("ZZZ"), None);
    }
}
