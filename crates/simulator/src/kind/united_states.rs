//! A collector in the United States.

use domain::Currency;
use domain::company::{CreditorClass, DebtClass};
use domain::customer::Country;

use super::{Setting, city};
use crate::names::ENGLISH;
use crate::spec::Profile;

pub(super) static SETTING: Setting = Setting {
    profile,
    prefix: "US",
    concepts: &["Installment", "Personal loan", "Medical bill"],
    methods: &["ACH", "Card", "Check"],
    cities: &[
        city("Los Angeles", "US-CA", "America/Los_Angeles", "+1213"),
        city("San Francisco", "US-CA", "America/Los_Angeles", "+1415"),
        city("San Diego", "US-CA", "America/Los_Angeles", "+1619"),
        city("Boston", "US-MA", "America/New_York", "+1617"),
        city("Worcester", "US-MA", "America/New_York", "+1508"),
        city("New York", "US-NY", "America/New_York", "+1212"),
        city("Miami", "US-FL", "America/New_York", "+1305"),
        city("Houston", "US-TX", "America/Chicago", "+1713"),
        city("El Paso", "US-TX", "America/Denver", "+1915"),
        city("Phoenix", "US-AZ", "America/Phoenix", "+1602"),
        city("Honolulu", "US-HI", "Pacific/Honolulu", "+1808"),
    ],
    trades: &[
        "Summit", "Lakeside", "Golden", "Liberty", "Pioneer", "Harbor", "Cedar", "Redwood",
        "Maple", "Pacific", "Heritage", "Prairie",
    ],
    propers: &[
        "Bakery", "Hardware", "Trucking", "Dental", "Grill", "Builders", "Printing", "Pharmacy",
        "Motors", "Flooring", "Cleaners", "Academy",
    ],
    people: &ENGLISH,
    forms: &[", LLC", ", LLC", ", Inc.", ", Corp."],
};

fn profile() -> Profile {
    Profile {
        name: "Bluebonnet Recovery",
        legal_name: "Bluebonnet Recovery, LLC",
        tax_id: "00-1234567",
        country: Country::US,
        currency: Currency::USD,
        zone: "America/New_York",
        language: "en-US",
        colour: "#2b4a6f",
        email: "payments@bluebonnet.example",
        phone: "+1 212 555 0140",
        how_to_pay: "By ACH or card, with your account number.",
        policy: "consumo-amable",
        creditor: CreditorClass::Supplier,
        debt: DebtClass::ConsumerGoodsServices,
        final_consumer: true,
        consents: &[],
    }
}
