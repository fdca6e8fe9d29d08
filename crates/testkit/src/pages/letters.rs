//! The portal's addresses: the links of messages that were sent, and what is behind their doors.

use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::Path;

use super::browser::Browser;
use super::{Group, expect};
use crate::printable;

/// Customers who pass their doors.
const VISITORS: u8 = 40;
/// Letters of a link's token.
const TOKEN: usize = 43;
/// Pages behind a door that are measured each for itself, and those together.
const INSIDE: [&str; 3] = ["account", "pay", "promise"];
const OTHERS: [&str; 6] = [
    "paid",
    "dispute",
    "write",
    "how",
    "preferences",
    "statement",
];

/// The groups of the portal; each visitor's browser is added to the others.
pub(super) fn portal(
    browsers: &mut Vec<Browser>,
    address: SocketAddr,
    folder: &Path,
) -> io::Result<Vec<Group>> {
    let mut doors = Vec::new();
    let mut visitors: Vec<(usize, String)> = Vec::new();
    for (number, letter) in (2..2 + VISITORS).zip(read(folder)?) {
        let Letter { token, amount } = letter;
        let mut browser = Browser::new(address, number);
        let path = format!("/p/{token}/enter");
        expect(
            &browser.post(&path, &format!("amount={amount}"))?,
            303,
            &path,
        )?;
        doors.push((0, format!("/p/{token}")));
        visitors.push((browsers.len(), token));
        browsers.push(browser);
    }
    if doors.is_empty() {
        return Err(io::Error::other("no message bears a link"));
    }
    let pages = |names: &[&str]| -> Vec<(usize, String)> {
        let of = |(who, token): &(usize, String)| {
            let (who, token) = (*who, token.clone());
            names
                .iter()
                .map(move |page| (who, format!("/p/{token}/{page}")))
                .collect::<Vec<_>>()
        };
        visitors.iter().flat_map(of).collect()
    };
    let group = |name: &str, visits| Group {
        face: "portal",
        name: name.to_owned(),
        visits,
    };
    let mut groups = vec![group("door", doors)];
    groups.extend(INSIDE.map(|name| group(name, pages(&[name]))));
    groups.push(group("others", pages(&OTHERS)));
    Ok(groups)
}

/// A link, and an amount that its message lists.
#[derive(Debug, PartialEq, Eq)]
struct Letter {
    token: String,
    amount: String,
}

fn read(folder: &Path) -> io::Result<Vec<Letter>> {
    let mut files: Vec<_> = fs::read_dir(folder)?
        .map(|entry| entry.map(|it| it.path()))
        .collect::<Result<_, _>>()?;
    files.sort_unstable();
    let mut letters = Vec::new();
    for file in files {
        letters.extend(letter(&fs::read_to_string(file)?));
    }
    Ok(letters)
}

fn letter(eml: &str) -> Option<Letter> {
    let eml = eml.replace("\r\n", "\n");
    let text = printable::decode(eml.split_once("\n\n")?.1);
    let token = text.split_once("/p/")?.1.get(..TOKEN)?.to_owned();
    let line = text.lines().find(|line| line.starts_with("- Documento "))?;
    let amount = line.split_once(": ")?.1;
    let amount = &amount[amount.find(|it: char| it.is_ascii_digit())?..];
    let digits = amount.split(|it: char| !it.is_ascii_digit() && !",.".contains(it));
    let amount = { digits }.next()?.trim_end_matches([',', '.']).to_owned();
    Some(Letter { token, amount })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_tells_its_link_and_an_amount() {
        let token = "A".repeat(TOKEN);
        let eml = format!(
            "Subject: x\r\n\r\nVer: http://127.0.0.1/p/AAAA=\r\n{}\r\n\
             - Documento INV-7: EUR 1,234.56, venci=C3=B3 el 1\r\n",
            &token[4..]
        );
        let amount = "1,234.56".to_owned();
        assert_eq!(letter(&eml), Some(Letter { token, amount }));
        assert_eq!(letter("Subject: x\r\n\r\nGracias.\r\n"), None);
    }
}
