//! Names of people and companies, and what is made of them: addresses and initials.

use crate::chance::{Chance, permuted};
use crate::kind::Setting;

/// The names people have in a country.
#[derive(Debug)]
pub(crate) struct People {
    /// Given names.
    pub given: &'static [&'static str],
    /// Family names.
    pub family: &'static [&'static str],
}

/// Where Spanish is spoken.
pub(crate) static SPANISH: People = People {
    given: GIVEN,
    family: FAMILY,
};

/// Where Portuguese is.
pub(crate) static PORTUGUESE: People = People {
    given: &[
        "Ana",
        "João",
        "Maria",
        "Pedro",
        "Juliana",
        "Rafael",
        "Camila",
        "Lucas",
        "Fernanda",
        "Thiago",
        "Letícia",
        "Gustavo",
        "Patrícia",
        "Marcelo",
        "Beatriz",
        "Rodrigo",
        "Aline",
        "Antônio",
        "Vanessa",
        "Felipe",
        "Larissa",
        "Eduardo",
        "Tatiane",
        "Vinícius",
    ],
    family: &[
        "Silva",
        "Santos",
        "Oliveira",
        "Souza",
        "Lima",
        "Pereira",
        "Ferreira",
        "Costa",
        "Rodrigues",
        "Almeida",
        "Nascimento",
        "Carvalho",
        "Araújo",
        "Ribeiro",
        "Gonçalves",
        "Barbosa",
        "Rocha",
        "Dias",
        "Moreira",
        "Cavalcanti",
        "Teixeira",
        "Correia",
        "Mendes",
        "Conceição",
    ],
};

/// Where English is.
pub(crate) static ENGLISH: People = People {
    given: &[
        "James",
        "Mary",
        "Robert",
        "Patricia",
        "John",
        "Jennifer",
        "Michael",
        "Linda",
        "David",
        "Elizabeth",
        "William",
        "Barbara",
        "Richard",
        "Susan",
        "Joseph",
        "Jessica",
        "Thomas",
        "Karen",
        "Christopher",
        "Nancy",
        "Daniel",
        "Sandra",
        "Anthony",
        "Ashley",
    ],
    family: &[
        "Smith", "Johnson", "Williams", "Brown", "Jones", "Garcia", "Miller", "Davis", "Wilson",
        "Anderson", "Taylor", "Moore", "Jackson", "Martin", "Lee", "Thompson", "White", "Harris",
        "Clark", "Lewis", "Robinson", "Walker", "Young", "Nguyen",
    ],
};

/// Given names.
const GIVEN: &[&str] = &[
    "María",
    "José",
    "Luis",
    "Ana",
    "Juan",
    "Carlos",
    "Guadalupe",
    "Miguel",
    "Rosa",
    "Jorge",
    "Patricia",
    "Andrés",
    "Verónica",
    "Fernando",
    "Claudia",
    "Ricardo",
    "Daniela",
    "Sergio",
    "Carolina",
    "Óscar",
    "Gabriela",
    "Eduardo",
    "Paola",
    "Javier",
    "Marcela",
    "Camilo",
    "Natalia",
    "Diego",
    "Valentina",
    "Sebastián",
    "Lorena",
    "Hernán",
    "Adriana",
    "Felipe",
    "Mónica",
    "Raúl",
    "Silvia",
    "Iván",
    "Beatriz",
    "Gonzalo",
];

/// Family names.
const FAMILY: &[&str] = &[
    "Hernández",
    "García",
    "Martínez",
    "López",
    "González",
    "Pérez",
    "Rodríguez",
    "Sánchez",
    "Ramírez",
    "Flores",
    "Gómez",
    "Díaz",
    "Reyes",
    "Morales",
    "Cruz",
    "Ortiz",
    "Gutiérrez",
    "Chávez",
    "Ramos",
    "Ruiz",
    "Mendoza",
    "Álvarez",
    "Castillo",
    "Romero",
    "Vargas",
    "Muñoz",
    "Rojas",
    "Soto",
    "Contreras",
    "Silva",
    "Sepúlveda",
    "Fuentes",
    "Araya",
    "Espinoza",
    "Valenzuela",
    "Quintero",
    "Restrepo",
    "Cárdenas",
    "Giraldo",
    "Ospina",
    "Zapata",
    "Ríos",
    "Peña",
    "Nuñez",
    "Ibáñez",
    "Salazar",
    "Acosta",
    "Molina",
];

/// A person's name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Person {
    pub given: &'static str,
    pub father: &'static str,
    pub mother: &'static str,
}

impl Person {
    pub fn of(chance: &mut Chance, people: &People) -> Self {
        Self {
            given: *chance.pick(people.given),
            father: *chance.pick(people.family),
            mother: *chance.pick(people.family),
        }
    }

    /// Given name and both family names.
    pub fn full(self) -> String {
        format!("{} {} {}", self.given, self.father, self.mother)
    }

    /// Given name and the first family name.
    pub fn short(self) -> String {
        format!("{} {}", self.given, self.father)
    }
}

/// The name of a company without its legal form. The first thousands are all different; later ones
/// carry a town, then a number.
pub(crate) fn company(seed: u64, setting: &Setting, index: u32) -> String {
    let pairs = setting.trades.len() * setting.propers.len();
    let prime = greatest_prime(u32::try_from(pairs).unwrap_or(u32::MAX));
    let (block, within) = (index / prime, index % prime);
    let place = permuted(seed, within, u64::from(prime));
    let place = usize::try_from(place).unwrap_or(0);
    let trade = setting.trades[place % setting.trades.len()];
    let proper = setting.propers[place / setting.trades.len()];
    let towns = u32::try_from(setting.cities.len()).unwrap_or(1);
    match (block, block / towns) {
        (0, _) => format!("{trade} {proper}"),
        (_, 0) => format!("{trade} {proper} {}", roman(block + 1)),
        (_, _) => format!("{trade} {proper} {}", block + 1),
    }
}

/// Lower-case ASCII letters and digits of a text, for addresses.
pub(crate) fn slug(text: &str) -> String {
    let plain = text.chars().map(without_accent);
    let kept = plain.filter(char::is_ascii_alphanumeric);
    kept.map(|letter| letter.to_ascii_lowercase()).collect()
}

/// The letter without its accent; Ñ stays.
pub(crate) const fn without_accent(letter: char) -> char {
    match letter {
        'á' | 'ã' | 'â' => 'a',
        'ç' => 'c',
        'é' | 'ê' => 'e',
        'í' => 'i',
        'ó' | 'ô' | 'õ' => 'o',
        'ú' | 'ü' => 'u',
        'Á' => 'A',
        'É' => 'E',
        'Í' => 'I',
        'Ó' => 'O',
        'Ú' | 'Ü' => 'U',
        'ñ' => 'n',
        'Ñ' => 'N',
        other => other,
    }
}

fn greatest_prime(limit: u32) -> u32 {
    let is_prime = |number: &u32| {
        (2..*number)
            .take_while(|it| it * it <= *number)
            .all(|it| !number.is_multiple_of(it))
    };
    (2..=limit).rev().find(is_prime).unwrap_or(2)
}

fn roman(number: u32) -> String {
    const SIGNS: [(u32, &str); 5] = [(10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")];
    let mut left = number;
    let mut text = String::new();
    for (value, sign) in SIGNS {
        while left >= value {
            text.push_str(sign);
            left -= value;
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::kind::{home, setting_in};
    use crate::spec::Kind;

    #[test]
    fn companies_have_names_of_their_own() {
        for kind in [Kind::Distributor, Kind::Services] {
            let names: BTreeSet<String> = (0..40_000)
                .map(|index| company(5, setting_in(home(kind)), index))
                .collect();
            assert_eq!(names.len(), 40_000, "{kind:?}");
        }
    }

    #[test]
    fn slugs_are_plain() {
        assert_eq!(slug("Peña & Güemes, S.A."), "penaguemessa");
        assert_eq!(
            (roman(2), roman(14), roman(19)),
            ("II".into(), "XIV".into(), "XIX".into())
        );
    }
}
