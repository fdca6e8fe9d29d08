//! A Brazilian shop that sells on instalments.

use domain::Currency;
use domain::company::{CreditorClass, DebtClass};
use domain::customer::Country;

use super::{City, Setting};
use crate::names::PORTUGUESE;
use crate::spec::Profile;

pub(super) static SETTING: Setting = Setting {
    profile,
    prefix: "BR",
    concepts: &["Parcela de compra", "Eletrodoméstico", "Móveis"],
    methods: &["Pix", "Pix", "Boleto", "Transferência"],
    cities: &[
        city("São Paulo", "BR-SP", "America/Sao_Paulo", "+55119"),
        city("São Paulo", "BR-SP", "America/Sao_Paulo", "+55119"),
        city("São Paulo", "BR-SP", "America/Sao_Paulo", "+55119"),
        city("Campinas", "BR-SP", "America/Sao_Paulo", "+55199"),
        city("Rio de Janeiro", "BR-RJ", "America/Sao_Paulo", "+55219"),
        city("Rio de Janeiro", "BR-RJ", "America/Sao_Paulo", "+55219"),
        city("Vitória", "BR-ES", "America/Sao_Paulo", "+55279"),
        city("Maceió", "BR-AL", "America/Maceio", "+55829"),
        city("Manaus", "BR-AM", "America/Manaus", "+55929"),
        city("Salvador", "BR-BA", "America/Bahia", "+55719"),
        city("Fernando de Noronha", "BR-PE", "America/Noronha", "+55819"),
        city("Rio Branco", "BR-AC", "America/Rio_Branco", "+55689"),
    ],
    trades: &[
        "Padaria",
        "Mercado",
        "Farmácia",
        "Restaurante",
        "Construtora",
        "Transportes",
        "Confecções",
        "Papelaria",
        "Clínica",
        "Escola",
        "Hotel",
        "Oficina",
        "Gráfica",
        "Móveis",
    ],
    propers: &[
        "São Jorge",
        "Boa Vista",
        "Ipanema",
        "Nova Era",
        "Bela Vista",
        "Santa Rita",
        "Ouro Preto",
        "Três Irmãos",
        "Copacabana",
        "do Vale",
        "Aurora",
        "Iguaçu",
    ],
    people: &PORTUGUESE,
    forms: &[" Ltda.", " Ltda.", " S.A.", " ME"],
};

fn profile() -> Profile {
    Profile {
        name: "Casa Jacarandá",
        legal_name: "Casa Jacarandá Comércio Ltda.",
        tax_id: "12345678/0001-95",
        country: Country::BR,
        currency: Currency::BRL,
        zone: "America/Sao_Paulo",
        language: "pt-BR",
        colour: "#1f7a5b",
        email: "cobranca@casajacaranda.example",
        phone: "+55 11 5555 0140",
        how_to_pay: "Pix com a chave que está na fatura, ou boleto.",
        policy: "consumo-amable",
        creditor: CreditorClass::Supplier,
        debt: DebtClass::ConsumerGoodsServices,
        final_consumer: true,
        consents: &[],
    }
}

/// A place; the first digit of its mobile numbers is any of four.
const fn city(
    name: &'static str,
    subdivision: &'static str,
    zone: &'static str,
    dial: &'static str,
) -> City {
    City {
        next: &["6", "7", "8", "9"],
        ..super::city(name, subdivision, zone, dial)
    }
}
