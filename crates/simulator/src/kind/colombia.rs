//! A Colombian lender whose customers are consumers with monthly instalments.

use domain::Currency;
use domain::company::{CreditorClass, DebtClass};
use domain::customer::{Channel, Country};

use super::{City, Setting};
use crate::names::SPANISH;
use crate::spec::Profile;

pub(super) static SETTING: Setting = Setting {
    profile,
    prefix: "CR",
    concepts: &["Cuota mensual de crédito"],
    methods: &[
        "PSE",
        "PSE",
        "Transferencia",
        "Corresponsal bancario",
        "Efectivo en oficina",
    ],
    cities: &[
        city("Bogotá"),
        city("Bogotá"),
        city("Bogotá"),
        city("Medellín"),
        city("Medellín"),
        city("Cali"),
        city("Barranquilla"),
        city("Cartagena"),
        city("Bucaramanga"),
        city("Pereira"),
        city("Manizales"),
        city("Ibagué"),
        city("Cúcuta"),
        city("Villavicencio"),
        city("Santa Marta"),
        city("Pasto"),
    ],
    trades: &[
        "Droguería",
        "Ferretería",
        "Panadería",
        "Restaurante",
        "Comercializadora",
        "Papelería",
        "Miscelánea",
        "Supermercado",
        "Confecciones",
        "Taller",
    ],
    propers: &[
        "La Candelaria",
        "El Dorado",
        "San Fernando",
        "La Sabana",
        "El Poblado",
        "Los Cerros",
        "La Macarena",
        "El Cafetal",
        "Monserrate",
        "Magdalena",
        "Quindío",
        "La Floresta",
    ],
    people: &SPANISH,
    forms: &[" S.A.S.", " S.A.S.", " Ltda."],
};

fn profile() -> Profile {
    Profile {
        name: "Crédito Vereda",
        legal_name: "Crédito Vereda S.A.S.",
        tax_id: "901234567-7",
        country: Country::CO,
        currency: Currency::COP,
        zone: "America/Bogota",
        language: "es-CO",
        policy: "consumo-amable",
        colour: "#7a3b8f",
        email: "cartera@creditovereda.example",
        phone: "+57 601 555 0140",
        how_to_pay: "Por PSE con el número de su crédito, en un corresponsal bancario o por débito \
                     automático.",
        creditor: CreditorClass::CommercialLender,
        debt: DebtClass::ConsumerCredit,
        final_consumer: true,
        consents: &[Channel::Email, Channel::Whatsapp],
    }
}

const fn city(name: &'static str) -> City {
    City {
        name,
        zone: "America/Bogota",
        subdivision: "",
        dial: "+573",
        next: &[
            "00", "01", "02", "04", "05", "10", "11", "12", "13", "14", "15", "16", "20", "21",
        ],
    }
}
