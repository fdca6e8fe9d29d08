//! The statutes as tables: whom each binds, when and how often it lets one be contacted, and by
//! whom. Numbers are those of the reference; nothing here is read from a pack.

use jiff::civil::{Date, date};

/// One text, or one layer of prudence.
#[derive(Debug)]
pub struct Statute {
    pub id: &'static str,
    /// What makes it hold: law, or what the program adds to it.
    pub is_law: bool,
    /// Country; `None` everywhere.
    pub country: Option<&'static str>,
    pub subdivision: Option<&'static str>,
    pub since: Date,
    pub binds: Binds,
    /// When each channel is open; a channel that is not named here is never closed.
    pub open: &'static [Open],
    /// Channels that keep holidays.
    pub holidays: &'static [&'static str],
    pub at_most: &'static [AtMost],
    /// One kind of channel in seven days.
    pub one_channel: Option<&'static str>,
    /// Calls may not follow a conversation by call within seven days, its own day being the first.
    pub silence_after_talk: Option<&'static str>,
    /// Channels that need a yes.
    pub asks_yes: &'static [&'static str],
    /// Channels that end with a no.
    pub heeds_no: &'static [&'static str],
    /// Whether only those who owe, or speak for them, may be contacted.
    pub debtor_only: bool,
    /// Whether only addresses from the creditor or the debtor may be used.
    pub own_addresses: bool,
    /// Channels that are never allowed.
    pub never: &'static [&'static str],
    /// Events after which it is over.
    pub ends: &'static [&'static str],
    /// The event after which only the attorney may be contacted.
    pub attorney: bool,
    /// Kinds of message that hours and counts do not touch.
    pub free: &'static [&'static str],
}

/// Whom a statute binds; an empty list is everybody.
#[derive(Debug)]
pub struct Binds {
    pub debtors: &'static [&'static str],
    pub debts: &'static [&'static str],
    pub creditors: &'static [&'static str],
    pub actors: &'static [&'static str],
    /// Only debts of a final consumer …
    pub final_consumer: bool,
    /// … or of these debtors …
    pub or_debtors: &'static [&'static str],
    /// … or towards these creditors.
    pub or_creditors: &'static [&'static str],
}

#[derive(Debug)]
pub struct Open {
    pub channels: &'static [&'static str],
    /// Days of the week, Monday 1 to Sunday 7.
    pub days: std::ops::RangeInclusive<i8>,
    /// Hours, the second one not included.
    pub hours: (i8, i8),
}

#[derive(Debug)]
pub struct AtMost {
    pub id: &'static str,
    pub channels: &'static [&'static str],
    pub times: usize,
    /// Local dates, today's included.
    pub days: i64,
    pub hours_apart: Option<i64>,
    /// Calls that reached nobody are not counted.
    pub but_not_connected: bool,
}

const CALLS: &[&str] = &["call", "voicebot"];
const CALLS_VISITS: &[&str] = &["call", "voicebot", "visit"];
const ALL_BUT_LETTERS: &[&str] = &[
    "call", "voicebot", "visit", "email", "sms", "whatsapp", "push",
];
const ALL: &[&str] = &[
    "call", "voicebot", "visit", "email", "sms", "whatsapp", "push", "letter",
];
const WRITTEN: &[&str] = &["email", "sms", "whatsapp", "push", "letter"];
const CALLS_TEXTS: &[&str] = &["call", "voicebot", "sms", "whatsapp"];
const CALLS_VISITS_TEXTS: &[&str] = &["call", "voicebot", "visit", "sms", "whatsapp"];

/// Everybody, whatever is owed.
const EVERYBODY: Binds = Binds {
    debtors: &[],
    debts: &[],
    creditors: &[],
    actors: &[],
    final_consumer: false,
    or_debtors: &[],
    or_creditors: &[],
};

/// Final consumers, natural or legal persons.
const CONSUMERS: Binds = Binds {
    final_consumer: true,
    ..EVERYBODY
};

/// Asks nothing yet.
const SILENT: Statute = Statute {
    id: "",
    is_law: true,
    country: None,
    subdivision: None,
    since: date(2000, 1, 1),
    binds: EVERYBODY,
    open: &[],
    holidays: &[],
    at_most: &[],
    one_channel: None,
    silence_after_talk: None,
    asks_yes: &[],
    heeds_no: &[],
    debtor_only: false,
    own_addresses: false,
    never: &[],
    ends: &[],
    attorney: false,
    free: &[],
};

/// A Brazilian state's hours for calls.
const BRAZIL_CALLS: Statute = Statute {
    country: Some("BR"),
    binds: CONSUMERS,
    holidays: CALLS,
    ..SILENT
};

/// Every statute that is checked.
pub const STATUTES: &[Statute] = &[
    // Disposiciones CONDUSEF, DOF 07-10-2014, CUARTA: 7 to 22 at the debtor's clock, every day; not
    // references; only addresses from the entity or the debtor. Binds financial creditors only.
    Statute {
        id: "MX-CONDUSEF",
        country: Some("MX"),
        binds: Binds {
            creditors: &["supervised_financial", "commercial_lender"],
            ..EVERYBODY
        },
        open: &[open(ALL_BUT_LETTERS, 1..=7, (7, 22))],
        debtor_only: true,
        own_addresses: true,
        ..SILENT
    },
    // Ley 19.496 art. 37 with CPC 59 and Ley 21.320; Ley 20.416 art. 9 brings in small firms.
    Statute {
        id: "CL-LPC-37",
        country: Some("CL"),
        since: date(2021, 4, 20),
        binds: Binds {
            or_debtors: &["micro_small_company"],
            ..CONSUMERS
        },
        open: &[open(CALLS_VISITS, 1..=6, (8, 20))],
        holidays: CALLS_VISITS,
        at_most: &[
            AtMost {
                id: "CL-1-CALL-OR-VISIT-PER-WEEK",
                channels: CALLS_VISITS,
                times: 1,
                days: 7,
                hours_apart: None,
                but_not_connected: false,
            },
            AtMost {
                id: "CL-2-WRITTEN-PER-WEEK",
                channels: WRITTEN,
                times: 2,
                days: 7,
                hours_apart: Some(48),
                but_not_connected: false,
            },
        ],
        debtor_only: true,
        ends: &["lawsuit_served", "insolvency_opened"],
        ..SILENT
    },
    // Ley 2300 de 2023 arts. 2 to 4, 6 and 8. Supervised creditors: every debtor.
    Statute {
        id: "CO-LEY-2300",
        country: Some("CO"),
        since: date(2023, 10, 10),
        binds: Binds {
            or_creditors: &["supervised_financial"],
            ..CONSUMERS
        },
        open: &[
            open(ALL_BUT_LETTERS, 1..=5, (7, 19)),
            open(ALL_BUT_LETTERS, 6..=6, (8, 15)),
            open(&["letter"], 1..=6, (0, 24)),
        ],
        holidays: ALL,
        at_most: &[AtMost {
            id: "CO-1-PER-DAY",
            channels: ALL,
            times: 1,
            days: 1,
            hours_apart: None,
            but_not_connected: false,
        }],
        one_channel: Some("CO-ONE-CHANNEL-PER-WEEK"),
        asks_yes: &["call", "voicebot", "email", "sms", "whatsapp", "push"],
        debtor_only: true,
        never: &["visit"],
        free: &[
            "transaction_confirmation",
            "fraud_alert",
            "info_requested_by_debtor",
        ],
        ..SILENT
    },
    // Ley 29571 arts. 61 and 62.
    Statute {
        id: "PE-CPDC-62",
        country: Some("PE"),
        binds: CONSUMERS,
        open: &[open(CALLS_VISITS, 1..=5, (7, 20))],
        holidays: CALLS_VISITS,
        debtor_only: true,
        ends: &["open_complaint_public_service"],
        ..SILENT
    },
    // CDC arts. 42 and 71: no hours; nobody but the debtor.
    Statute {
        id: "BR-CDC",
        country: Some("BR"),
        binds: CONSUMERS,
        debtor_only: true,
        ..SILENT
    },
    Statute {
        id: "BR-SP-15426",
        subdivision: Some("BR-SP"),
        open: &[open(CALLS, 1..=5, (8, 20)), open(CALLS, 6..=6, (8, 14))],
        ..BRAZIL_CALLS
    },
    Statute {
        id: "BR-RJ-6854",
        subdivision: Some("BR-RJ"),
        open: &[open(CALLS, 1..=5, (9, 19))],
        ..BRAZIL_CALLS
    },
    Statute {
        id: "BR-ES-10626",
        subdivision: Some("BR-ES"),
        open: &[open(CALLS, 1..=5, (8, 19))],
        ..BRAZIL_CALLS
    },
    Statute {
        id: "BR-AL-7782",
        subdivision: Some("BR-AL"),
        open: &[
            open(CALLS_TEXTS, 1..=5, (8, 20)),
            open(CALLS_TEXTS, 6..=6, (8, 14)),
        ],
        holidays: CALLS_TEXTS,
        ..BRAZIL_CALLS
    },
    Statute {
        id: "BR-AM-306",
        subdivision: Some("BR-AM"),
        open: &[open(CALLS, 1..=5, (8, 19))],
        ..BRAZIL_CALLS
    },
    // Ley CABA 6171: agencies; hours as the reference's placeholder has them.
    Statute {
        id: "AR-CABA-6171",
        country: Some("AR"),
        subdivision: Some("AR-C"),
        binds: Binds {
            debtors: &["natural_consumer", "natural_business"],
            debts: &["consumer_credit", "consumer_goods_services"],
            actors: &["third_party_agency"],
            ..CONSUMERS
        },
        open: &[open(CALLS_VISITS_TEXTS, 1..=5, (9, 19))],
        holidays: CALLS_VISITS_TEXTS,
        debtor_only: true,
        ..SILENT
    },
    // LODC art. 49 as reformed in 2022: once a day in all.
    Statute {
        id: "EC-LODC-49",
        country: Some("EC"),
        binds: CONSUMERS,
        open: &[open(ALL_BUT_LETTERS, 1..=5, (7, 20))],
        holidays: ALL_BUT_LETTERS,
        at_most: &[AtMost {
            id: "EC-1-PER-DAY",
            channels: ALL,
            times: 1,
            days: 1,
            hours_apart: None,
            but_not_connected: false,
        }],
        debtor_only: true,
        ..SILENT
    },
    // 12 CFR 1006.6 and 1006.14: agencies and consumers' debts only.
    Statute {
        id: "US-REGF",
        country: Some("US"),
        binds: Binds {
            debtors: &["natural_consumer"],
            debts: &["consumer_credit", "consumer_goods_services"],
            actors: &["third_party_agency"],
            ..CONSUMERS
        },
        open: &[open(ALL_BUT_LETTERS, 1..=7, (8, 21))],
        at_most: &[AtMost {
            id: "US-7-IN-7",
            channels: CALLS,
            times: 7,
            days: 7,
            hours_apart: None,
            but_not_connected: true,
        }],
        silence_after_talk: Some("US-7-DAY-AFTER-CONVERSATION"),
        heeds_no: &["email", "sms", "whatsapp", "push"],
        debtor_only: true,
        ends: &[
            "written_cease_request",
            "written_dispute_in_30_days",
            "bankruptcy",
        ],
        attorney: true,
        ..SILENT
    },
    // Rosenthal Act with SB 1286: creditors themselves too, and persons in business.
    Statute {
        id: "US-CA-ROSENTHAL",
        country: Some("US"),
        subdivision: Some("US-CA"),
        since: date(2025, 7, 1),
        binds: Binds {
            debtors: &["natural_consumer", "natural_business"],
            ..EVERYBODY
        },
        open: &[open(ALL_BUT_LETTERS, 1..=7, (8, 21))],
        ..SILENT
    },
    // 940 CMR 7.04(1)(f): calls and texts together.
    Statute {
        id: "US-MA-940CMR7",
        country: Some("US"),
        subdivision: Some("US-MA"),
        binds: Binds {
            debtors: &["natural_consumer"],
            debts: &["consumer_credit", "consumer_goods_services"],
            ..CONSUMERS
        },
        open: &[open(&["call", "voicebot", "visit", "sms"], 1..=7, (8, 21))],
        at_most: &[AtMost {
            id: "US-MA-2-IN-7",
            channels: &["call", "voicebot", "sms"],
            times: 2,
            days: 7,
            hours_apart: None,
            but_not_connected: false,
        }],
        ..SILENT
    },
    // What the program adds: prudence in Mexico …
    Statute {
        id: "MX-POLICY",
        is_law: false,
        country: Some("MX"),
        open: &[
            open(
                &["call", "voicebot", "visit", "sms", "whatsapp", "push"],
                1..=5,
                (8, 20),
            ),
            open(
                &["call", "voicebot", "sms", "whatsapp", "push"],
                6..=6,
                (9, 14),
            ),
        ],
        holidays: &["call", "voicebot", "visit", "sms", "whatsapp", "push"],
        at_most: &[AtMost {
            id: "MX-POLICY-3-CALLS-DAY",
            channels: CALLS,
            times: 3,
            days: 1,
            hours_apart: None,
            but_not_connected: false,
        }],
        ..SILENT
    },
    // … office hours for companies …
    Statute {
        id: "B2B-POLICY",
        is_law: false,
        binds: Binds {
            debtors: &["micro_small_company", "company"],
            debts: &["trade_receivable"],
            ..EVERYBODY
        },
        open: &[open(CALLS_VISITS_TEXTS, 1..=5, (8, 19))],
        debtor_only: true,
        ..SILENT
    },
    // … the platform's opt-in …
    Statute {
        id: "WHATSAPP-PLATFORM",
        is_law: false,
        asks_yes: &["whatsapp"],
        ..SILENT
    },
    // … and a no is a no everywhere.
    Statute {
        id: "HOUSE-OPT-OUT",
        is_law: false,
        heeds_no: ALL,
        ..SILENT
    },
];

/// Kinds of channels, for rules that allow one of them.
pub const FAMILIES: &[&[&str]] = &[
    CALLS,
    &["email"],
    &["sms"],
    &["whatsapp"],
    &["push"],
    &["letter"],
    &["visit"],
];

/// Who owes, or speaks for who owes.
pub const OWNERS: &[&str] = &[
    "debtor",
    "co_debtor",
    "guarantor",
    "legal_representative",
    "attorney",
];

const fn open(
    channels: &'static [&'static str],
    days: std::ops::RangeInclusive<i8>,
    hours: (i8, i8),
) -> Open {
    Open {
        channels,
        days,
        hours,
    }
}
