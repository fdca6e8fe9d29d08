//! An Argentine shop that sells on instalments.

use domain::Currency;
use domain::company::{CreditorClass, DebtClass};
use domain::customer::Country;

use super::{Setting, city};
use crate::names::SPANISH;
use crate::spec::Profile;

pub(super) static SETTING: Setting = Setting {
    profile,
    prefix: "AR",
    concepts: &["Cuota de compra", "Electrodoméstico", "Indumentaria"],
    methods: &["Transferencia", "Mercado Pago", "Débito", "Efectivo"],
    cities: &[
        city(
            "Buenos Aires",
            "AR-C",
            "America/Argentina/Buenos_Aires",
            "+54911",
        ),
        city(
            "Buenos Aires",
            "AR-C",
            "America/Argentina/Buenos_Aires",
            "+54911",
        ),
        city(
            "Buenos Aires",
            "AR-C",
            "America/Argentina/Buenos_Aires",
            "+54911",
        ),
        city(
            "La Plata",
            "AR-B",
            "America/Argentina/Buenos_Aires",
            "+549221",
        ),
        city("Córdoba", "AR-X", "America/Argentina/Cordoba", "+549351"),
        city("Rosario", "AR-S", "America/Argentina/Cordoba", "+549341"),
        city("Mendoza", "AR-M", "America/Argentina/Mendoza", "+549261"),
        city("Ushuaia", "AR-V", "America/Argentina/Ushuaia", "+5492901"),
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
        "Del Plata",
        "San Telmo",
        "La Pampa",
        "El Ombú",
        "Patagonia",
        "Belgrano",
        "Los Andes",
        "Iguazú",
        "El Ceibo",
        "Santa Fe",
        "Aconcagua",
        "La Boca",
    ],
    people: &SPANISH,
    forms: &[" S.R.L.", " S.R.L.", " S.A.", " S.A.S."],
};

fn profile() -> Profile {
    Profile {
        name: "Almacenes Ceibal",
        legal_name: "Almacenes Ceibal S.R.L.",
        tax_id: "30-70123456-3",
        country: Country::AR,
        currency: Currency::ARS,
        zone: "America/Argentina/Buenos_Aires",
        language: "es-AR",
        colour: "#35589a",
        email: "cobranzas@almacenesceibal.example",
        phone: "+54 11 5555 0140",
        how_to_pay: "Transferencia al CBU que figura en su factura, con el número como referencia.",
        policy: "consumo-amable",
        creditor: CreditorClass::Supplier,
        debt: DebtClass::ConsumerGoodsServices,
        final_consumer: true,
        consents: &[],
    }
}
