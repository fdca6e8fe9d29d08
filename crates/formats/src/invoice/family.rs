//! Which standard a document follows, by its root element, and who reads it.

use super::fault::Problem;
use super::model::Reading;
use super::node::Node;
use super::{chile, mexico};

/// What one document says: several things where it is a batch.
pub(super) type Readings = Vec<Result<Reading, Problem>>;

/// Whether a parser knows a root.
type IsOurs = fn(&Node) -> bool;

/// The standards by the form of their roots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    /// Mexico: CFDI, withholdings, acknowledgements of cancellations.
    Mexico,
    /// Chile: DTE, cessions, answers, receipts of goods.
    Chile,
}

impl Family {
    /// The family of a root; `None` where no parser knows it.
    pub fn of(root: &Node) -> Option<Self> {
        let families: [(Self, IsOurs); 2] = [
            (Self::Mexico, mexico::is_ours),
            (Self::Chile, chile::is_ours),
        ];
        families
            .into_iter()
            .find(|(_, is_ours)| is_ours(root))
            .map(|(family, _)| family)
    }

    /// Reads a whole document.
    pub fn read(self, root: &Node) -> Readings {
        match self {
            Self::Mexico => mexico::read(root),
            Self::Chile => chile::read(root),
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
            Self::Mexico => &[],
            Self::Chile => chile::members(root),
        }
    }
}

/// One reading or one problem.
pub(super) fn one(reading: Result<Reading, Problem>) -> Readings {
    vec![reading]
}
