//! The policies that ship with the program.

/// Key and text of every policy that ships; each parses without errors and without warnings.
pub fn embedded() -> &'static [(&'static str, &'static str)] {
    &[
        (
            "b2b-estandar",
            include_str!("../../../../packs/policies/b2b-estandar.toml"),
        ),
        (
            "consumo-amable",
            include_str!("../../../../packs/policies/consumo-amable.toml"),
        ),
        (
            "suscripciones",
            include_str!("../../../../packs/policies/suscripciones.toml"),
        ),
        (
            "cartera-vencida",
            include_str!("../../../../packs/policies/cartera-vencida.toml"),
        ),
    ]
}
