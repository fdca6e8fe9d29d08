//! Which standard a document follows, by its root element, and who reads it.

use super::fault::Problem;
use super::model::Reading;
use super::node::Node;
use super::{brazil, chile, cii, facturae, mexico, ubl};

/// What one document says: several things where it is a batch.
pub(super) type Readings = Vec<Result<Reading, Problem>>;

/// The standards by the form of their roots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    /// Mexico: CFDI, withholdings, acknowledgements of cancellations.
    Mexico,
    /// Chile: DTE, cessions, answers, receipts of goods.
    Chile,
    /// OASIS UBL, with the profiles of Peru and Colombia and the SUNAT's own kinds.
    Ubl,
    /// UN/CEFACT Cross Industry Invoice.
    Cii,
    /// Brazil: NF-e, NFS-e and their events.
    Brazil,
    /// Spain: Facturae.
    Facturae,
}

impl Family {
    /// The family of a root; `None` where no parser knows it.
    pub fn of(root: &Node) -> Option<Self> {
        const ALL: [Family; 6] = [
            Family::Mexico,
            Family::Chile,
            Family::Ubl,
            Family::Cii,
            Family::Brazil,
            Family::Facturae,
        ];
        ALL.into_iter().find(|family| family.is_ours(root))
    }

    fn is_ours(self, root: &Node) -> bool {
        match self {
            Self::Mexico => mexico::is_ours(root),
            Self::Chile => chile::is_ours(root),
            Self::Ubl => ubl::is_ours(root),
            Self::Cii => cii::is_ours(root),
            Self::Brazil => brazil::is_ours(root),
            Self::Facturae => facturae::is_ours(root),
        }
    }

    /// Reads a whole document.
    pub fn read(self, root: &Node) -> Readings {
        match self {
            Self::Mexico => mexico::read(root),
            Self::Chile => chile::read(root),
            Self::Ubl => ubl::read(root),
            Self::Cii => cii::read(root),
            Self::Brazil => brazil::read(root),
            Self::Facturae => facturae::read(root),
        }
    }

    /// Reads a member of a set, with what the set says of all.
    pub fn read_member(self, root: &Node, around: Option<&Node>) -> Readings {
        match self {
            Self::Chile => chile::read_member(root, around),
            other => other.read(root),
        }
    }

    /// Whether an element taken from a set says something of all its members.
    pub fn is_envelope(self, node: &Node) -> bool {
        self == Self::Chile && &*node.name == "Caratula"
    }

    /// Elements to be taken one by one where the root is a set of documents; empty where it is
    /// one document.
    pub fn members(self, root: &Node) -> &'static [&'static str] {
        match self {
            Self::Mexico | Self::Cii | Self::Facturae => &[],
            Self::Chile => chile::members(root),
            Self::Ubl => ubl::members(root),
            Self::Brazil => brazil::members(root),
        }
    }
}

/// One reading or one problem.
pub(super) fn one(reading: Result<Reading, Problem>) -> Readings {
    vec![reading]
}
