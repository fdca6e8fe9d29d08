//! A Peruvian shop that sells on instalments.

use domain::Currency;
use domain::company::{CreditorClass, DebtClass};
use domain::customer::Country;

use super::{City, Setting};
use crate::names::SPANISH;
use crate::spec::Profile;

pub(super) static SETTING: Setting = Setting {
    profile,
    prefix: "PE",
    concepts: &[
        "Compra a cuotas",
        "Electrodoméstico",
        "Muebles para el hogar",
    ],
    methods: &[
        "Yape",
        "Transferencia",
        "Agente bancario",
        "Efectivo en tienda",
    ],
    cities: &[
        city("Lima"),
        city("Lima"),
        city("Lima"),
        city("Lima"),
        city("Arequipa"),
        city("Trujillo"),
        city("Cusco"),
        city("Piura"),
        city("Iquitos"),
        city("Huancayo"),
    ],
    trades: &[
        "Comercial",
        "Ferretería",
        "Farmacia",
        "Panadería",
        "Restaurante",
        "Transportes",
        "Constructora",
        "Importadora",
        "Confecciones",
        "Librería",
        "Minimarket",
        "Clínica",
        "Colegio",
        "Hotel",
        "Taller",
        "Imprenta",
    ],
    propers: &[
        "Los Incas",
        "San Martín",
        "El Misti",
        "La Merced",
        "Huascarán",
        "Miraflores",
        "Chan Chan",
        "Urubamba",
        "Santa Rosa",
        "El Pacífico",
        "Los Libertadores",
        "Tumbes",
    ],
    people: &SPANISH,
    forms: &[" S.A.C.", " S.A.C.", " E.I.R.L.", " S.A."],
};

fn profile() -> Profile {
    Profile {
        name: "Tiendas Quinua",
        legal_name: "Tiendas Quinua S.A.C.",
        tax_id: "20512345670",
        country: Country::PE,
        currency: Currency::PEN,
        zone: "America/Lima",
        language: "es-PE",
        colour: "#a8322d",
        email: "cobranzas@tiendasquinua.example",
        phone: "+51 1 555 0140",
        how_to_pay: "Por Yape o transferencia, con el número de su compra como referencia, o en \
                     cualquier tienda.",
        policy: "consumo-amable",
        creditor: CreditorClass::Supplier,
        debt: DebtClass::ConsumerGoodsServices,
        final_consumer: true,
        consents: &[],
    }
}

const fn city(name: &'static str) -> City {
    City {
        name,
        zone: "America/Lima",
        subdivision: "",
        dial: "+519",
        next: &["1", "2", "3", "4", "5", "6", "7", "8", "9"],
    }
}
