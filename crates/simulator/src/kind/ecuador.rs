//! An Ecuadorian shop that sells on instalments.

use domain::Currency;
use domain::company::{CreditorClass, DebtClass};
use domain::customer::Country;

use super::{City, Setting};
use crate::names::SPANISH;
use crate::spec::Profile;

pub(super) static SETTING: Setting = Setting {
    profile,
    prefix: "EC",
    concepts: &["Cuota de compra", "Electrodoméstico", "Motocicleta"],
    methods: &["Transferencia", "Depósito", "Corresponsal"],
    cities: &[
        city("Quito", "America/Guayaquil", ""),
        city("Quito", "America/Guayaquil", ""),
        city("Quito", "America/Guayaquil", ""),
        city("Guayaquil", "America/Guayaquil", ""),
        city("Guayaquil", "America/Guayaquil", ""),
        city("Guayaquil", "America/Guayaquil", ""),
        city("Cuenca", "America/Guayaquil", ""),
        city("Manta", "America/Guayaquil", ""),
        city("Puerto Ayora", "Pacific/Galapagos", "EC-W"),
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
        "El Cóndor",
        "Pichincha",
        "La Mitad",
        "Los Shyris",
        "El Panecillo",
        "San Blas",
        "Cotopaxi",
        "Las Peñas",
        "El Chimborazo",
        "Santa Elena",
        "La Ronda",
        "Yasuní",
    ],
    people: &SPANISH,
    forms: &[" S.A.", " Cía. Ltda.", " S.A.S."],
};

fn profile() -> Profile {
    Profile {
        name: "Almacenes Guayas",
        legal_name: "Almacenes Guayas Cía. Ltda.",
        tax_id: "0991234567001",
        country: Country::EC,
        currency: Currency::USD,
        zone: "America/Guayaquil",
        language: "es-EC",
        colour: "#b3541e",
        email: "cobranzas@almacenesguayas.example",
        phone: "+593 4 555 0140",
        how_to_pay: "Transferencia o depósito, con el número de su compra como referencia.",
        policy: "consumo-amable",
        creditor: CreditorClass::Supplier,
        debt: DebtClass::ConsumerGoodsServices,
        final_consumer: true,
        consents: &[],
    }
}

const fn city(name: &'static str, zone: &'static str, subdivision: &'static str) -> City {
    City {
        name,
        zone,
        subdivision,
        dial: "+5939",
        next: &["3", "5", "6", "7", "8", "9"],
    }
}
