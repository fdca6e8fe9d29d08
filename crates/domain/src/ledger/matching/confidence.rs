//! Odds in whole numbers: what each kind of evidence is worth, and how sure a hypothesis is.
//!
//! A hypothesis's log-odds are the worth of the payer's evidence and that of the documents' and
//! the amount's together, in thousandths of a nat. Its confidence is its odds over those of all
//! hypotheses of the line and of "none of these".

/// The natural logarithm of a whole number in thousandths, to within seven of them; 0 for 0.
///
/// ```
/// use domain::ledger::matching::confidence::ln;
/// assert_eq!((ln(1), ln(2), ln(1_024)), (0, 693, 6_931));
/// ```
pub fn ln(number: u64) -> i64 {
    /// `1000 ln(1 + k/16)`.
    const SIXTEENTHS: [i64; 17] = [
        0, 61, 118, 172, 223, 272, 318, 363, 405, 446, 486, 523, 560, 595, 629, 661, 693,
    ];
    if number < 2 {
        return 0;
    }
    let power = number.ilog2();
    let wide = u128::from(number) << 64 >> power;
    // The fraction above the power of two, in 2^-20.
    let fraction = u64::try_from((wide - (1_u128 << 64)) >> 44).unwrap_or(0);
    let step = usize::try_from(fraction >> 16).unwrap_or(0);
    let within = i64::try_from(fraction & 0xffff).unwrap_or(0);
    let low = SIXTEENTHS[step];
    i64::from(power) * 693_147 / 1000 + low + (SIXTEENTHS[step + 1] - low) * within / 65_536
}

/// Odds in millionths from log-odds in thousandths of a nat, kept within e^±14.
///
/// ```
/// use domain::ledger::matching::confidence::odds;
/// assert_eq!(odds(0), 1_000_000);
/// assert_eq!(odds(1_000), 2_718_282);
/// ```
pub fn odds(millinats: i64) -> u64 {
    /// `10^6 e^k`.
    const NATS: [u64; 15] = [
        1_000_000,
        2_718_282,
        7_389_056,
        20_085_537,
        54_598_150,
        148_413_159,
        403_428_793,
        1_096_633_158,
        2_980_957_987,
        8_103_083_928,
        22_026_465_795,
        59_874_141_715,
        162_754_791_419,
        442_413_392_009,
        1_202_604_284_165,
    ];
    /// `10^6 e^(k/10)`.
    const TENTHS: [u64; 11] = [
        1_000_000, 1_105_171, 1_221_403, 1_349_859, 1_491_825, 1_648_721, 1_822_119, 2_013_753,
        2_225_541, 2_459_603, 2_718_282,
    ];
    let size = millinats.unsigned_abs().min(14_000);
    let nats = usize::try_from(size / 1000).unwrap_or(0);
    let rest = size % 1000;
    let tenth = usize::try_from(rest / 100).unwrap_or(0);
    let part = TENTHS[tenth] + (TENTHS[tenth + 1] - TENTHS[tenth]) * (rest % 100) / 100;
    let up = NATS[nats] * part / 1_000_000;
    if millinats >= 0 {
        up
    } else {
        1_000_000_000_000 / up.max(1)
    }
}

/// How much is known of who paid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PayerKnown {
    /// Nothing says it is this customer.
    #[default]
    No,
    /// A name that is like the customer's, or one shared by several.
    Weakly,
    /// The customer's name.
    ByName,
    /// An account, a tax id, a learned alias, a virtual account.
    Surely,
    /// By two of these.
    Doubly,
}

/// How the documents are named.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Naming {
    /// They are not.
    #[default]
    None,
    /// A number that is one slip away.
    Typo,
    /// Some digits of the number.
    Fragment,
    /// The number.
    Number,
    /// A stamp, a checked reference, a field for the document.
    Certain,
}

/// How the amount fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fit {
    /// What is open, to the cent.
    Exact,
    /// What is open of all documents named together, or what is told for each.
    SumOfNamed,
    /// All that the customer owes, or the oldest documents in order.
    Balance,
    /// The only set of the customer's documents that adds up.
    OnlySubset,
    /// Less, by a difference that has a cause.
    Adjusted,
    /// Less, and the rest stays open.
    Partial,
    /// Less than several documents named; the oldest are paid first.
    PartialOfSeveral,
    /// More; the rest is the customer's credit.
    Over,
    /// The documents named and others together.
    NamedAndOthers,
    /// Another currency at the day's rate.
    Foreign,
    /// No document; the money is the customer's credit.
    Nothing,
}

/// What the documents and the amount are worth together, in thousandths of a nat.
///
/// How these figures and [`payer_worth`] were made: logistic regression, with a weak pull towards
/// what is usual, on the proposals for 60 generated companies with planted truths (odd seeds; the
/// generator stands in the tests), counting whether a proposal laid all of a line rightly; then
/// rounded, and lowered where no proposal of a kind was wrong, for life is richer than a generator.
/// The reliability on companies that were not fitted on stands in `docs/matching.md`.
pub const fn worth(naming: Naming, fit: Fit) -> i64 {
    use Fit as F;
    use Naming as N;
    match (naming, fit) {
        (N::Certain, F::Exact | F::SumOfNamed) => 8_500,
        (N::Number, F::Exact | F::SumOfNamed) => 7_400,
        (N::Fragment, F::Exact | F::SumOfNamed) => 6_500,
        (N::Certain | N::Number, F::Adjusted) => 4_500,
        (N::Fragment, F::Adjusted) => 4_500,
        (N::Certain | N::Number, F::Partial) => 3_000,
        (N::Certain | N::Number, F::Over) => 2_600,
        (N::Certain | N::Number, F::NamedAndOthers) => 1_500,
        (N::None, F::Exact | F::Balance) => 1_800,
        (N::None, F::OnlySubset) => 1_500,
        (N::Typo, F::Exact | F::SumOfNamed) => 1_300,
        (N::Fragment, F::Partial | F::Over) | (_, F::Foreign) => 0,
        (N::Certain | N::Number, F::PartialOfSeveral) => -500,
        (N::None, F::Adjusted) => -1_200,
        _ => -3_000,
    }
}

/// What knowing the payer is worth, in thousandths of a nat; made as [`worth`] was.
pub const fn payer_worth(known: PayerKnown) -> i64 {
    match known {
        PayerKnown::No => -2_000,
        PayerKnown::Weakly => 200,
        PayerKnown::ByName => 3_750,
        PayerKnown::Surely => 4_300,
        PayerKnown::Doubly => 4_600,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_logarithm_is_near_and_never_falls() {
        let known = [(3, 1_099), (10, 2_303), (1_000, 6_908), (1_000_000, 13_816)];
        for (number, wanted) in known {
            assert!((ln(number) - wanted).abs() <= 7, "{number}: {}", ln(number));
        }
        assert!((ln(u64::MAX) - 44_361).abs() <= 7);
        assert!((1..5_000).all(|it| ln(it) <= ln(it + 1)));
    }

    #[test]
    fn odds_rise_and_are_each_others_inverse() {
        assert!((-14_000..14_000).all(|it| odds(it) <= odds(it + 1)));
        assert_eq!(odds(i64::MAX), odds(14_000));
        assert_eq!(odds(-1_000), 367_879);
    }
}
