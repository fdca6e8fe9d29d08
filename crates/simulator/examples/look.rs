//! look
use domain::contact::Tone;
use domain::customer::Channel;
use jiff::civil::date;
use simulator::*;
fn main() {
    let kind = Kind::from_code(&std::env::args().nth(1).unwrap()).unwrap();
    let docs: u32 = std::env::args().nth(2).unwrap().parse().unwrap();
    let company = Company::new(Spec {
        kind,
        seed: 7,
        documents: docs,
        until: date(2026, 11, 20),
        model: Model::embedded(),
    });
    let from = date(2026, 8, 21);
    let mut life = Life::begin(&company, from);
    let dir = std::env::args().nth(3).unwrap();
    std::fs::create_dir_all(&dir).unwrap();
    let f = |n: &str| std::io::BufWriter::new(std::fs::File::create(format!("{dir}/{n}")).unwrap());
    println!("{} customers", company.count());
    println!("{}", life.write_customers(&mut f("clientes.csv")).unwrap());
    println!("{}", life.write_documents(&mut f("facturas.csv")).unwrap());
    println!("{}", life.write_payments(&mut f("pagos.csv")).unwrap());
    if docs > 5000 {
        return;
    }
    let zone = domain::calendar::zone(company.profile().zone).unwrap();
    let mut day = from;
    let mut open: std::collections::BTreeMap<
        String,
        Vec<(String, domain::Money, jiff::civil::Date)>,
    > = Default::default();
    let mut n = 0;
    while day <= date(2026, 11, 20) {
        for inv in life.invoices(day) {
            open.entry(inv.customer.clone())
                .or_default()
                .push((inv.number, inv.amount, inv.due));
        }
        let at = day
            .at(9, 30, 0, 0)
            .to_zoned(zone.clone())
            .unwrap()
            .timestamp();
        for c in company.customers() {
            let docs: Vec<_> = open
                .get(&c.key)
                .into_iter()
                .flatten()
                .filter(|d| {
                    let l = domain::calendar::days_late(d.2, day);
                    l > 0 && l % 5 == 1
                })
                .map(|d| (d.0.clone(), d.1))
                .collect();
            if docs.is_empty() {
                continue;
            }
            n += 1;
            let (channel, address) = match &c.email {
                Some(e) => (Channel::Email, e.clone()),
                None => (Channel::Whatsapp, c.whatsapp.clone().unwrap()),
            };
            life.hear(&Told {
                customer: &c.key,
                at,
                contact: &n.to_string(),
                step: "recordatorio",
                tone: Tone::Friendly,
                channel,
                address: &address,
                documents: &docs,
            })
            .unwrap();
        }
        for h in life.day(day) {
            match &h.what {
                What::Paid(p) => {
                    for (num, m) in &p.documents {
                        let v = open.entry(h.customer.clone()).or_default();
                        for d in v.iter_mut() {
                            if &d.0 == num {
                                d.1 = domain::Money::new(d.1.minor - m.minor, m.currency);
                            }
                        }
                        v.retain(|d| d.1.minor > 0);
                    }
                    println!(
                        "{} {} PAID {} {:?} {}",
                        h.at,
                        h.customer,
                        p.amount,
                        p.documents.len(),
                        p.reference
                    );
                }
                What::Wrote {
                    text,
                    meaning,
                    channel,
                    ..
                } => {
                    println!(
                        "{} {} WROTE {channel:?} {meaning:?}\n    {}",
                        h.at,
                        h.customer,
                        text.replace('\n', "\n    ")
                    );
                    if let Meaning::Dispute { number, .. } = meaning {
                        let _ = number;
                    }
                }
                _ => {}
            }
        }
        day = day.tomorrow().unwrap();
    }
}
