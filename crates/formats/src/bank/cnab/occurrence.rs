//! What the codes of movement mean: which of them is money, and what it is called.

/// What an occurrence says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Occurrence {
    /// The title was paid.
    Paid,
    /// The bank charges for its service.
    Charge,
    /// Something else; no money moved.
    Told,
}

/// Codes of CNAB 240 (Febraban C044); the banks keep to them.
pub(super) fn of_240(code: &str) -> Occurrence {
    match code {
        "06" | "17" => Occurrence::Paid,
        "28" => Occurrence::Charge,
        _ => Occurrence::Told,
    }
}

/// Codes of CNAB 400, which each bank numbers for itself.
pub(super) fn of_400(bank: &str, code: &str) -> Occurrence {
    let paid: &[&str] = match bank {
        // Banco do Brasil, Sicoob: 05 is a title that was not registered, 46 a cheque to come.
        "001" | "756" => &["05", "06", "07", "08", "15"],
        "033" => &["06", "07", "08", "17"],
        "041" => &["06", "07", "08", "15"],
        "070" => &["05", "06", "07", "08", "15"],
        // Caixa has numbers of its own.
        "104" => &["21", "22"],
        "237" | "748" => &["06", "15", "17"],
        "341" => &["06", "07", "08"],
        _ => &["06", "07", "08", "15", "17"],
    };
    match code {
        code if paid.contains(&code) => Occurrence::Paid,
        "28" if !matches!(bank, "104") => Occurrence::Charge,
        _ => Occurrence::Told,
    }
}

/// What the commonest codes are called in Brazil, as a bookkeeper looks for them.
pub(super) fn name(code: &str) -> Option<&'static str> {
    Some(match code {
        "02" => "Entrada confirmada",
        "03" => "Entrada rejeitada",
        "06" => "Liquidação",
        "07" => "Liquidação parcial",
        "09" => "Baixa",
        "10" => "Baixa solicitada",
        "12" => "Abatimento concedido",
        "14" => "Vencimento alterado",
        "15" => "Liquidação em cartório",
        "17" => "Liquidação após baixa ou título não registrado",
        "19" => "Protesto confirmado",
        "23" => "Remessa a cartório",
        "25" => "Protestado e baixado",
        "26" => "Instrução rejeitada",
        "28" => "Débito de tarifas",
        "30" => "Alteração rejeitada",
        _ => return None,
    })
}
