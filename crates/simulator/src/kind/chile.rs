//! A Chilean company that bills maintenance, cleaning and support to businesses.

use domain::Currency;
use domain::company::{CreditorClass, DebtClass};
use domain::customer::{Channel, Country};

use super::{City, Setting};
use crate::names::SPANISH;
use crate::spec::Profile;

pub(super) static SETTING: Setting = Setting {
    profile,
    prefix: "F",
    concepts: &[
        "Servicio de mantención mensual",
        "Aseo y limpieza de oficinas",
        "Soporte informático",
        "Arriendo de equipos",
        "Servicio de vigilancia",
        "Asesoría contable",
    ],
    methods: &[
        "Transferencia",
        "Transferencia",
        "Transferencia",
        "Vale vista",
        "Cheque",
    ],
    cities: &[
        city("Santiago"),
        city("Santiago"),
        city("Santiago"),
        city("Providencia"),
        city("Las Condes"),
        city("Maipú"),
        city("Valparaíso"),
        city("Viña del Mar"),
        city("Concepción"),
        city("La Serena"),
        city("Antofagasta"),
        city("Temuco"),
        city("Rancagua"),
        city("Talca"),
        city("Puerto Montt"),
        far("Punta Arenas", "America/Punta_Arenas", "CL-MA"),
        far("Coyhaique", "America/Coyhaique", "CL-AI"),
        far("Hanga Roa", "Pacific/Easter", "CL-VS"),
        far("Arica", "America/Santiago", "CL-AP"),
    ],
    trades: &[
        "Comercial",
        "Inmobiliaria",
        "Constructora",
        "Transportes",
        "Agrícola",
        "Viña",
        "Ferretería",
        "Panificadora",
        "Clínica Dental",
        "Colegio",
        "Importadora",
        "Servicios",
        "Ingeniería",
        "Minera",
        "Pesquera",
        "Forestal",
        "Imprenta",
        "Restaurante",
        "Hostal",
        "Laboratorio",
        "Veterinaria",
        "Distribuidora",
        "Maestranza",
        "Asesorías",
        "Centro Médico",
        "Automotora",
        "Librería",
        "Confecciones",
        "Áridos",
        "Frigorífico",
        "Logística",
        "Publicidad",
        "Turismo",
        "Lácteos",
        "Maderas",
        "Envases",
        "Gastronomía",
        "Farmacia",
        "Óptica",
        "Seguridad",
    ],
    propers: &[
        "Los Andes",
        "Cordillera",
        "del Pacífico",
        "Aconcagua",
        "San Cristóbal",
        "Araucanía",
        "Bío Bío",
        "El Roble",
        "Los Boldos",
        "Santa Laura",
        "Atacama",
        "Cruz del Sur",
        "Los Alerces",
        "Vergara",
        "Quilpué",
        "El Peumo",
        "Las Palmas",
        "Maule",
        "San Pedro",
        "Errázuriz",
        "Altamira",
        "El Quillay",
        "Huelén",
        "Nahuelbuta",
        "La Portada",
        "Ñuble",
        "Costanera",
        "San Joaquín",
        "Los Maitenes",
        "Lonquimay",
        "El Litre",
        "Tres Marías",
        "Santa Isabel",
        "Villarrica",
        "El Monte",
        "Calle Larga",
        "Rapel",
        "Los Coihues",
        "Pehuén",
        "Cochrane",
        "Colchagua",
        "Muñoz Hermanos",
        "Antumapu",
        "La Campana",
        "Ralún",
        "Montemar",
        "El Arrayán",
        "Trapananda",
        "Lautaro",
        "Alhué",
    ],
    people: &SPANISH,
    forms: &[
        " SpA",
        " SpA",
        " SpA",
        " Ltda.",
        " Ltda.",
        " S.A.",
        " E.I.R.L.",
    ],
};

const MOBILE: &[&str] = &["4", "5", "6", "7", "8", "9"];

fn profile() -> Profile {
    Profile {
        name: "Servicios Quillay",
        legal_name: "Servicios Integrales Quillay SpA",
        tax_id: "76543210-3",
        country: chile(),
        currency: Currency::CLP,
        zone: "America/Santiago",
        language: "es-CL",
        policy: "b2b-estandar",
        colour: "#2c7a4b",
        email: "cobranza@serviciosquillay.example",
        phone: "+56 2 2555 0140",
        how_to_pay: "Transferencia a la cuenta corriente que aparece en su factura, indicando el \
                     número de factura en el mensaje.",
        creditor: CreditorClass::Supplier,
        debt: DebtClass::TradeReceivable,
        final_consumer: false,
        consents: &[Channel::Email, Channel::Whatsapp],
    }
}

#[expect(clippy::expect_used, reason = "two letters")]
fn chile() -> Country {
    Country::new("CL").expect("a country code")
}

const fn city(name: &'static str) -> City {
    far(name, "America/Santiago", "")
}

/// A place with a clock or holidays of its own.
const fn far(name: &'static str, zone: &'static str, subdivision: &'static str) -> City {
    City {
        name,
        zone,
        subdivision,
        dial: "+569",
        next: MOBILE,
    }
}
